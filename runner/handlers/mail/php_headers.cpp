#include "runner/handlers/mail/php_headers.h"

#include <charconv>
#include <string>

namespace taskqueue::handlers {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool take(std::string_view expected) {
    if (!text_.starts_with(expected)) return false;
    text_.remove_prefix(expected.size());
    return true;
  }
  bool isAt(std::string_view expected) const { return text_.starts_with(expected); }
  std::optional<std::size_t> count() {
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), number);
    if (error != std::errc()) return std::nullopt;
    text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
    return number;
  }
  // Reads any value other than an array or an object, as text.
  std::optional<std::string> scalar() {
    if (take("N;")) return "";
    if (take("s:")) return string();
    for (const char* type : {"i:", "d:", "b:"}) {
      if (!take(type)) continue;
      const auto end = text_.find(';');
      if (end == std::string_view::npos) return std::nullopt;
      std::string value(text_.substr(0, end));
      text_.remove_prefix(end + 1);
      return value;
    }
    return std::nullopt;
  }
  bool atEnd() const { return text_.empty(); }

 private:
  std::optional<std::string> string() {
    const auto bytes = count();
    if (!bytes || !take(":\"") || *bytes > text_.size()) return std::nullopt;
    std::string value(text_.substr(0, *bytes));
    text_.remove_prefix(*bytes);
    if (!take("\";")) return std::nullopt;
    return value;
  }

  std::string_view text_;
};

}  // namespace

bool isSerializedByPhp(std::string_view text) {
  constexpr std::string_view kTypes = "abdiOs";
  constexpr std::size_t kMinBytes = 3;
  return text.size() >= kMinBytes && kTypes.find(text[0]) != std::string_view::npos && text[1] == ':' &&
         text[2] >= '0' && text[2] <= '9';
}

std::optional<std::vector<std::string>> parsePhpHeaders(std::string_view text) {
  Reader reader(text);
  if (!reader.take("a:")) return std::nullopt;
  const auto count = reader.count();
  if (!count || !reader.take(":{")) return std::nullopt;
  std::vector<std::string> headers;
  while (!reader.take("}")) {
    const bool isListed = reader.isAt("i:");
    const auto name = reader.scalar();
    const auto value = name ? reader.scalar() : std::nullopt;
    if (!value) return std::nullopt;
    headers.push_back(isListed ? *value : *name + ": " + *value);
  }
  if (headers.size() != *count || !reader.atEnd()) return std::nullopt;
  return headers;
}

}  // namespace taskqueue::handlers
