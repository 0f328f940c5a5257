// Finds control characters, which could drive a terminal, or end a line and begin another.
#pragma once

#include <cstddef>
#include <string_view>

namespace taskqueue {

// Returns the size in bytes of the control character or line separator that begins the text, or 0 if none
// does. These are below 0x20, 0x7F, U+0080 to U+009F, U+2028 and U+2029.
std::size_t lengthOfControl(std::string_view text);

// The rule for texts without control characters (hasControlBytes): a Title, a key, the name of a schedule.
inline constexpr std::string_view kOneLineRule =
    "must be one line, without control characters such as tabs and line ends";

}  // namespace taskqueue
