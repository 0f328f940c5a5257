// Process figures from the kernel.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace taskqueue::bench {

// Returns the CPU seconds of all its running threads.
double cpuSecondsOf(pid_t process);
// Returns the CPU seconds of the process, ended threads included.
double processSeconds(pid_t process);
double threadSeconds(pid_t process, pid_t thread);
// Returns the resident memory in MiB, or 0 when it has ended.
double residentMibOf(pid_t process);
std::string commandLineOf(pid_t process);  // its arguments, separated by blanks
// Returns the process and all its descendants.
std::vector<pid_t> treeOf(pid_t process);
// Returns the CPU seconds of all of them.
double treeSeconds(pid_t process);

}  // namespace taskqueue::bench
