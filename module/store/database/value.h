// A Value replaces a '?' of a statement: NULL, a whole number of any type, or a text.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace taskqueue::store {

// The constructors convert, so that a list of values can be written as it is.
// NOLINTBEGIN(google-explicit-constructor)
class Value {
 public:
  Value(std::nullptr_t) {}
  template <std::integral T>
  Value(T number) : content_(static_cast<std::int64_t>(number)) {}
  Value(std::string text) : content_(std::move(text)) {}
  Value(std::string_view text) : content_(std::string(text)) {}
  Value(const char* text) : content_(std::string(text)) {}
  template <typename T>
  Value(const std::optional<T>& value) {
    if (value) *this = Value(*value);
  }

  // Refers to a large text without a copy. The text must outlive the value.
  static Value borrowed(const std::string& text) {
    Value value(nullptr);
    value.content_ = std::string_view(text);
    return value;
  }

  bool isNull() const { return std::holds_alternative<std::nullptr_t>(content_); }
  // Each returns nothing when the value is something else.
  const std::int64_t* number() const { return std::get_if<std::int64_t>(&content_); }
  std::optional<std::string_view> text() const {
    if (const auto* own = std::get_if<std::string>(&content_)) return *own;
    if (const auto* borrowed = std::get_if<std::string_view>(&content_)) return *borrowed;
    return std::nullopt;
  }

 private:
  std::variant<std::nullptr_t, std::int64_t, std::string, std::string_view> content_ = nullptr;
};
// NOLINTEND(google-explicit-constructor)

}  // namespace taskqueue::store
