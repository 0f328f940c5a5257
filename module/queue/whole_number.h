// Reads whole numbers from external text.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace taskqueue {

// Accepts decimal digits with an optional '-'. Returns nothing for other text, such as blanks, '+', fractions
// or exponents, and for numbers beyond 64 bits.
inline std::optional<std::int64_t> wholeNumber(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

inline std::optional<std::int64_t> wholeNumber(std::string_view text, std::int64_t min, std::int64_t max) {
  const auto value = wholeNumber(text);
  return value && *value >= min && *value <= max ? value : std::nullopt;
}

}  // namespace taskqueue
