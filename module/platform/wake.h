// Wakes the runners of this host after an enqueue. Each runner listens on a datagram socket in the run
// directory. After a lost wake-up, the runner finds the task at its next poll.
#pragma once

#include <string>

namespace taskqueue::platform {

// Returns the socket path of the runner with this PID.
std::string wakeSocketPath(const std::string& runDirectory, int processId);

// Sends an empty datagram to every listening runner. Never waits and never fails. Sockets without a listener
// are removed.
void wakeRunners(const std::string& runDirectory);

}  // namespace taskqueue::platform
