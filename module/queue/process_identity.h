// Which process a runner row stands for. A PID alone is reused; together with the boot, the PID namespace and
// the start time it is not (rule 5).
#pragma once

#include <cstdint>
#include <string>

namespace taskqueue {

struct ProcessIdentity {
  int processId = 0;
  std::string hostName;
  std::string bootId;                  // of this boot of this kernel
  std::int64_t pidNamespace = 0;       // inode number; 0: unknown
  std::int64_t processStartTicks = 0;  // clock ticks since boot; 0: unknown
};

// The identity of the calling process.
ProcessIdentity identityOfThisProcess();

// Start time of a process in clock ticks since boot; 0 when there is no such process or it is a zombie.
std::int64_t startTicksOf(int processId);

enum class Liveness { Alive, Dead, OutOfSight };

// Whether the process is running. OutOfSight when it lives on another host, boot or PID namespace, where only
// its heartbeat can tell. Reads /proc; safe from any thread.
Liveness livenessOf(const ProcessIdentity& identity);

}  // namespace taskqueue
