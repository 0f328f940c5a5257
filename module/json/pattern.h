// Checks the regular expressions in a handler's JSON Schema.
#pragma once

#include <string_view>

namespace taskqueue::json {

// Returns whether RapidJSON's engine can use the pattern. The engine silently drops other patterns, or
// crashes on them. Usable are characters, ., [classes], (groups), |, ^, $, escapes of these signs, and one of
// * + ? {n} {n,} {n,m} after an item. \d, look-around and lazy repetition are not usable. Matching takes time
// linear in the text.
bool isUsablePattern(std::string_view pattern);

}  // namespace taskqueue::json
