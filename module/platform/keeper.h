// Finds out which program keeps a process alive, that is, starts it again after it has ended.
#pragma once

#include <string>
#include <string_view>

namespace taskqueue::platform {

// Returns the keeper's name for people, such as "supervisord", "systemd", "cron" or "taskqueue work". The
// text is empty if no keeper is known. Reads /proc, so it must be called while the process lives. systemd is
// seen only by root and by the process's own user.
std::string findKeeper(int processId);

// Returns whether the process runs a program of this name, of which 15 bytes count.
bool isProgram(int processId, std::string_view name);

}  // namespace taskqueue::platform
