// Identifies the process of a runner's row. PIDs are reused, but not with the same boot, PID namespace and
// start time (rule 5).
#pragma once

#include <cstdint>
#include <string>

namespace taskqueue {

struct ProcessIdentity {
  int processId = 0;
  std::string hostName;
  std::string bootId;                  // the kernel's random id of the current boot
  std::int64_t pidNamespace = 0;       // inode number; 0: unknown
  std::int64_t processStartTicks = 0;  // clock ticks since boot; 0: unknown
};

// Returns the identity of the calling process.
ProcessIdentity currentProcessIdentity();

// Returns the start time of a process in clock ticks since boot. Returns 0 if there is no such process or if
// it is a zombie.
std::int64_t readStartTicks(int processId);

enum class Liveness { Alive, Dead, Remote };

// Returns whether the process is running. Remote means another host, boot or PID namespace, where only
// its heartbeat can tell. Reads /proc; any thread may call it.
Liveness checkLiveness(const ProcessIdentity& identity);

}  // namespace taskqueue
