// Reads numbers from external JSON. Each must lie within its stated domain.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "module/json/read.h"

namespace taskqueue::json {

// Decides how a number with a fraction is read. 30.0 has no fraction.
enum class Fraction { Refused, RoundsDown, RoundsUp };

struct NumberDomain {
  std::int64_t min = 0;
  std::int64_t max = 0;
  Fraction fraction = Fraction::Refused;
};

// Returns the whole number for the value, or nothing if it is not a number of the domain.
std::optional<std::int64_t> readNumber(const Value& value, const NumberDomain& domain);

// Returns the rule of the domain, to follow a member's name: "must be a whole number from 0 to 9".
std::string describeRule(const NumberDomain& domain);

}  // namespace taskqueue::json
