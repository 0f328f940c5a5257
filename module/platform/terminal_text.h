// Text from outside, such as a Title, as a terminal may show it: it can neither drive the terminal nor look
// like another line. What is shown otherwise stands as \n, \x1B or \u{202E}.
#pragma once

#include <string>
#include <string_view>

namespace taskqueue::platform {

// Within a line: all control characters, those that change the direction of text, and what is no UTF-8, are
// shown.
std::string terminalText(std::string_view text);

// Whole lines, such as a log: as above, but tabs and the ends of lines stay.
std::string terminalLines(std::string_view text);

}  // namespace taskqueue::platform
