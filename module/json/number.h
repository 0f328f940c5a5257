// Reads numbers of foreign JSON: each must lie within its stated domain.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "module/json/read.h"

namespace taskqueue::json {

// What becomes of a fraction. 30.0 has none.
enum class Fraction { Refused, RoundsDown, RoundsUp };

struct NumberDomain {
  std::int64_t least = 0;
  std::int64_t most = 0;
  Fraction fraction = Fraction::Refused;
};

// The whole number that the value stands for; nothing when it is no number of the domain.
std::optional<std::int64_t> numberOf(const Value& value, const NumberDomain& domain);

// What a number of the domain is, to stand behind its name: "must be a whole number from 0 to 9".
std::string ruleOf(const NumberDomain& domain);

}  // namespace taskqueue::json
