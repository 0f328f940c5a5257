// A Value replaces a '?' of a statement: NULL, a whole number of any type, a text, or a list for `IN (?)`.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

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

  // Lists of any length. A statement with a list goes to the server as text (DATABASE-51).
  static Value anyOf(std::vector<std::int64_t> numbers) {
    Value value(nullptr);
    value.content_ = std::move(numbers);
    return value;
  }
  static Value anyOf(std::vector<std::string> texts) {
    Value value(nullptr);
    value.content_ = std::move(texts);
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
  const std::vector<std::int64_t>* numbers() const {
    return std::get_if<std::vector<std::int64_t>>(&content_);
  }
  const std::vector<std::string>* texts() const { return std::get_if<std::vector<std::string>>(&content_); }
  bool isList() const { return numbers() != nullptr || texts() != nullptr; }

 private:
  std::variant<std::nullptr_t, std::int64_t, std::string, std::string_view, std::vector<std::int64_t>,
               std::vector<std::string>>
      content_ = nullptr;
};
// NOLINTEND(google-explicit-constructor)

}  // namespace taskqueue::store
