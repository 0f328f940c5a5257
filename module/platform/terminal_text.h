// Makes external text, such as a Title, safe for a terminal. The text can neither control the terminal nor
// imitate another line. Escaped characters appear as \n, \x1B or \u{202E}.
#pragma once

#include <string>
#include <string_view>

namespace taskqueue::platform {

// For text within a line. Escapes all control characters, characters that change the text direction, and
// invalid UTF-8.
std::string terminalText(std::string_view text);

// For whole lines, such as a log. Tabs and line ends are not escaped.
std::string terminalLines(std::string_view text);

}  // namespace taskqueue::platform
