// Watches the heartbeats of runners whose processes cannot be seen from here. Such a runner is dead when its
// heartbeat counter has stood still for a whole lease by the clock of this process: clocks that are set, of
// the database or of any host, change nothing.
//
// Who has not watched for so long (a command that ends at once, a machine that was started anew) need not: a
// heartbeat that is ten leases old by the database's clock is believed after half a lease of standing still.
//
// One for a process; may be used by any thread.
#pragma once

#include <chrono>
#include <mutex>
#include <span>
#include <unordered_map>
#include <vector>

#include "module/queue/runner.h"

namespace taskqueue {

class LeaseWatch {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit LeaseWatch(std::chrono::seconds lease) : lease_(lease) {}

  std::chrono::seconds lease() const { return lease_; }

  // Looks at all runners out of sight, as they were read between these times. Returns the Ids of the dead.
  std::vector<int> look(std::span<const Runner> runners, Time readFrom, Time readUntil);

  // How long to wait before another look would tell of a runner which the database's clock says is long dead;
  // zero: there is none.
  std::chrono::milliseconds timeToNextVerdict() const;

 private:
  struct Mark {
    std::int64_t counter;
    Time since;
  };
  std::chrono::milliseconds patienceWith(const Runner& runner) const;

  const std::chrono::seconds lease_;
  mutable std::mutex mutex_;
  std::unordered_map<int, Mark> marks_;  // of the last look; guarded by mutex_
  bool isAnyDoubtful_ = false;           // guarded by mutex_
};

}  // namespace taskqueue
