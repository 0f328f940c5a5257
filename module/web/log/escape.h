// Escapes text from outside for HTML, including quoted attributes. Templates and code escape nowhere else.
#pragma once

#include <string>
#include <string_view>

namespace taskqueue::web {

// Adds the visible sign of the control character (lengthOfControl) at the start of the text: ␛ for an escape,
// � for one without a sign.
void addVisibleControl(std::string& to, std::string_view text);

// Control characters become visible, except tabs and line ends.
void addEscaped(std::string& to, std::string_view text);

inline std::string escaped(std::string_view text) {
  std::string to;
  addEscaped(to, text);
  return to;
}

}  // namespace taskqueue::web
