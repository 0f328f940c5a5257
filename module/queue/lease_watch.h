// Watches the heartbeats of runners whose processes cannot be seen from here. Such a runner is dead when its
// heartbeat counter has stood still for a whole lease by the clock of this process: clocks that are set, of
// the database or of any host, change nothing.
#pragma once

#include <chrono>
#include <span>
#include <unordered_map>
#include <vector>

#include "module/queue/runner.h"

namespace taskqueue {

class LeaseWatch {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit LeaseWatch(std::chrono::seconds lease) : lease_(lease) {}

  // Looks at all runners out of sight, as they were read at `now`. Returns the Ids of the dead ones.
  std::vector<int> look(std::span<const Runner> runners, Time now);

 private:
  struct Mark {
    std::int64_t counter;
    Time since;
  };

  std::chrono::seconds lease_;
  std::unordered_map<int, Mark> marks_;  // of the last look
};

}  // namespace taskqueue
