// What the kernel tells of processes.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace taskqueue::bench {

// Of all its threads, in seconds.
double cpuSecondsOf(pid_t process);
// Resident memory, in MiB; 0 when it has ended.
double residentMibOf(pid_t process);
std::string commandLineOf(pid_t process);  // its words, with blanks between
// The process and all below it.
std::vector<pid_t> treeOf(pid_t process);

}  // namespace taskqueue::bench
