#include "module/json/number.h"

#include <cmath>

namespace taskqueue::json {

std::optional<std::int64_t> numberOf(const Value& value, const NumberDomain& domain) {
  if (value.IsInt64()) {
    const std::int64_t number = value.GetInt64();
    return number >= domain.least && number <= domain.most ? std::optional(number) : std::nullopt;
  }
  if (!value.IsDouble()) return std::nullopt;  // not a number, or an integer beyond 64 bits
  const double number = value.GetDouble();
  const bool isWithin =
      number >= static_cast<double>(domain.least) && number <= static_cast<double>(domain.most);
  if (!isWithin) return std::nullopt;
  if (domain.fraction == Fraction::Refused && std::trunc(number) != number) return std::nullopt;
  return static_cast<std::int64_t>(domain.fraction == Fraction::RoundsUp ? std::ceil(number)
                                                                         : std::floor(number));
}

std::string ruleOf(const NumberDomain& domain) {
  return std::string(domain.fraction == Fraction::Refused ? "must be a whole number" : "must be a number") +
         " from " + std::to_string(domain.least) + " to " + std::to_string(domain.most);
}

}  // namespace taskqueue::json
