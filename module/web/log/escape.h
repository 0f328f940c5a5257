// Text from outside as text in HTML, also inside quoted attributes. Templates and code
// escape here and nowhere else.
#pragma once

#include <string>
#include <string_view>

namespace taskqueue::web {

// Adds the sign of the control character (lengthOfControl) that begins the text: ␛ for an escape, � for one
// that has no sign.
void addVisibleControl(std::string& to, std::string_view text);

// Control characters, but for tabs and line ends, become visible.
void addEscaped(std::string& to, std::string_view text);

inline std::string escaped(std::string_view text) {
  std::string to;
  addEscaped(to, text);
  return to;
}

}  // namespace taskqueue::web
