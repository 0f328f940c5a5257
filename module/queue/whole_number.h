// Whole numbers in texts from outside.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace taskqueue {

// Decimal digits, with a '-' before them or not. Nothing when there is anything else, such as a blank, a '+',
// a fraction or an exponent, and when 64 bits cannot hold it.
inline std::optional<std::int64_t> wholeNumber(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

inline std::optional<std::int64_t> wholeNumber(std::string_view text, std::int64_t least, std::int64_t most) {
  const auto value = wholeNumber(text);
  return value && *value >= least && *value <= most ? value : std::nullopt;
}

}  // namespace taskqueue
