// Wakes the runners of this host after an enqueue. Each runner listens on a datagram socket in the directory
// runner.wake_directory. After a lost wake-up, the runner finds the task at its next poll.
#pragma once

#include <string>
#include <vector>

namespace taskqueue::platform {

// Returns the socket path of the runner with this PID.
std::string wakeSocketPath(const std::string& wakeDirectory, int processId);

// Returns the PIDs that the sockets in the directory are named after. A runner that was killed leaves its
// socket behind.
std::vector<int> wakeSocketOwners(const std::string& wakeDirectory);

// Sends an empty datagram to every listening runner. Never waits and never fails. Sockets without a listener
// are removed.
void wakeRunners(const std::string& wakeDirectory);

}  // namespace taskqueue::platform
