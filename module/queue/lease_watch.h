// Watches the heartbeats of runners whose processes this host cannot see. Such a runner is dead if its
// heartbeat counter does not change for a whole lease. Only this process's own steady clock counts, so
// setting any other clock has no effect.
//
// A process that has watched for less than a lease may decide earlier, for example a short command. If the
// heartbeat is more than ten leases old by the database's clock, half a lease without change is enough.
//
// A process has one LeaseWatch. Any thread may use it.
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

  // Examines all remote runners, which were read between `readFrom` and `readUntil`. Returns the Ids of the
  // dead ones.
  std::vector<int> look(std::span<const Runner> runners, Time readFrom, Time readUntil);

  // Returns how long to wait before the next look can find a dead runner whose heartbeat is ten leases old.
  // Zero means that there is no such runner.
  std::chrono::milliseconds timeToNextVerdict() const;

 private:
  struct Mark {
    std::int64_t counter;
    Time since;
  };
  std::chrono::milliseconds patienceWith(const Runner& runner) const;

  const std::chrono::seconds lease_;
  mutable std::mutex mutex_;
  std::unordered_map<int, Mark> marks_;  // results of the last look, by runner Id; guarded by mutex_
  bool isAnyDoubtful_ = false;           // guarded by mutex_
};

}  // namespace taskqueue
