// Texts that stand in tables of the program: xgettext finds them by this name, and the page translates them.
#pragma once

namespace taskqueue {

constexpr const char* marked(const char* english) {
  return english;
}

}  // namespace taskqueue
