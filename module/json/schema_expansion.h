// Limits how far a JSON Schema expands during a check. RapidJSON follows each `$ref` anew and makes a checker
// for every sub-schema of a value. So without a limit, a small schema could use any amount of memory.
#pragma once

#include <cstdint>
#include <vector>

#include "module/json/read.h"

namespace taskqueue::json {

// The most sub-schemas that may apply at once to one set of data. Each is counted as often as it is reached.
// For recursive schemas the count assumes data of this depth.
inline constexpr std::int64_t kMaxSubSchemas = 4000;
inline constexpr int kDepthOfExpandedData = 32;

// Returns the other schemas that apply to the same value, by `$ref`, a combination, `not` or a dependency. A
// schema that is named twice is listed twice.
std::vector<const Value*> schemasBeside(const Document& whole, const Value& schema);

// Returns whether the schema stays within kMaxSubSchemas. No `$ref` of the schema may lead back to itself
// for the same value.
bool expandsWithinLimit(const Document& schema);

}  // namespace taskqueue::json
