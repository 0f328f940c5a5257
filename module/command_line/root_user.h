#pragma once

namespace taskqueue::command_line {

inline constexpr int kRoot = -1;  // the CMS's root user, on whose behalf the program acts

}  // namespace taskqueue::command_line
