// Text from outside as text in HTML, also inside quoted attributes. What the pages' templates do not escape
// themselves is escaped here and nowhere else.
#pragma once

#include <string>
#include <string_view>

namespace taskqueue::web {

void addEscaped(std::string& to, std::string_view text);

inline std::string escaped(std::string_view text) {
  std::string to;
  addEscaped(to, text);
  return to;
}

}  // namespace taskqueue::web
