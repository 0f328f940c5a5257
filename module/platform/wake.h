// Waking runners on this host after an enqueue: each runner listens on a datagram socket in the run
// directory. A wake-up that is lost costs only the wait for the runner's next poll.
#pragma once

#include <string>

namespace taskqueue::platform {

// Where the runner with this PID listens.
std::string wakeSocketPath(const std::string& runDirectory, int processId);

// Sends an empty datagram to every runner that listens; never waits and never fails. Sockets that nobody
// listens on any more are removed.
void wakeRunners(const std::string& runDirectory);

}  // namespace taskqueue::platform
