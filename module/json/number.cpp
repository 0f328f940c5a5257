#include "module/json/number.h"

#include <cmath>

namespace taskqueue::json {

std::optional<std::int64_t> readNumber(const Value& value, const NumberDomain& domain) {
  if (value.IsInt64()) {
    const std::int64_t number = value.GetInt64();
    return number >= domain.min && number <= domain.max ? std::optional(number) : std::nullopt;
  }
  if (!value.IsDouble()) return std::nullopt;  // not a number, or an integer beyond 64 bits
  const double number = value.GetDouble();
  const bool isWithin =
      number >= static_cast<double>(domain.min) && number <= static_cast<double>(domain.max);
  if (!isWithin) return std::nullopt;
  if (domain.fraction == Fraction::Refused && std::trunc(number) != number) return std::nullopt;
  return static_cast<std::int64_t>(domain.fraction == Fraction::RoundsUp ? std::ceil(number)
                                                                         : std::floor(number));
}

std::string describeRule(const NumberDomain& domain) {
  return std::string(domain.fraction == Fraction::Refused ? "must be a whole number" : "must be a number") +
         " from " + std::to_string(domain.min) + " to " + std::to_string(domain.max);
}

}  // namespace taskqueue::json
