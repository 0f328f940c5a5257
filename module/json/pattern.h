// Which regular expressions may stand in a handler's JSON Schema.
#pragma once

#include <string_view>

namespace taskqueue::json {

// RapidJSON's engine takes time linear in the text, but a pattern that it does not understand is dropped
// without a word or crashes it. True for what it is known to take: characters, ., [classes], (groups), |, ^,
// $, escapes of these signs, and one of * + ? {n} {n,} {n,m} behind an item. Not \d, look-around and lazy
// repetition.
bool isUsablePattern(std::string_view pattern);

}  // namespace taskqueue::json
