#include "module/texts/texts.h"

#include <vector>

namespace taskqueue {
namespace {

std::string filled(std::string_view text, const std::vector<std::string_view>& values) {
  std::string to;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool isPlace = text[i] == '%' && i + 1 < text.size() && text[i + 1] >= '1' && text[i + 1] <= '9';
    const std::size_t index = isPlace ? static_cast<std::size_t>(text[i + 1] - '1') : 0;
    if (!isPlace || index >= values.size()) {
      to += text[i];
      continue;
    }
    to += values[index];
    ++i;
  }
  return to;
}

}  // namespace

std::string filledIn(std::string_view text, const std::vector<std::string>& values) {
  return filled(text, {values.begin(), values.end()});
}

std::string Texts::text(std::string_view english, std::initializer_list<std::string_view> values) const {
  return filled(catalogue_->of(english), values);
}

std::string Texts::plural(std::string_view one, std::string_view many, std::int64_t count,
                          std::initializer_list<std::string_view> further) const {
  const std::string first = number(count);
  std::vector<std::string_view> values{first};
  values.insert(values.end(), further);
  return filled(catalogue_->ofNumber(one, many, count), values);
}

std::string Texts::number(std::int64_t number) const {
  const std::string_view separator = language() == "de" ? "." : language() == "ru" ? "\u00a0" : ",";
  std::string digits = std::to_string(number);
  const std::size_t first = digits.front() == '-' ? 1 : 0;
  for (std::size_t place = digits.size(); place > first + 3;) {
    place -= 3;
    digits.insert(place, separator);
  }
  return digits;
}

}  // namespace taskqueue
