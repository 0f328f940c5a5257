// How far a JSON Schema spreads when data is checked: RapidJSON follows each `$ref` anew and keeps a checker
// for every sub-schema that holds for the same value, so that a small text can ask for any amount of memory.
#pragma once

#include <cstdint>
#include <vector>

#include "module/json/read.h"

namespace taskqueue::json {

// The sub-schemas that one set of data may be checked against at the same time, each counted as often as it
// is reached. Where the schema refers back to itself for a member, data of this depth is counted.
inline constexpr std::int64_t kMostSubSchemas = 4000;
inline constexpr int kDepthOfExpandedData = 32;

// The schemas that a value must satisfy beside this one: by `$ref`, a combination, `not` or a dependency. One
// that is named twice is listed twice.
std::vector<const Value*> schemasBeside(const Document& whole, const Value& schema);

// Whether the schema stays within kMostSubSchemas. Only for one in which no `$ref` leads back to itself for
// the same value.
bool expandsWithinLimit(const Document& schema);

}  // namespace taskqueue::json
