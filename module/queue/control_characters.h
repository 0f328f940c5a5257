// Control characters: what drives a terminal, ends a line or begins another one.
#pragma once

#include <cstddef>
#include <string_view>

namespace taskqueue {

// The bytes of the control character or separator of lines that begins the text: below 0x20, 0x7F, U+0080 to
// U+009F, U+2028, U+2029. 0: none begins it.
std::size_t lengthOfControl(std::string_view text);

// The rule for texts that may have none (hasControlBytes): a Title, a key, the name of a schedule.
inline constexpr std::string_view kOneLineRule =
    "must be one line, without control characters such as tabs and line ends";

}  // namespace taskqueue
