// The lease of this runner: heartbeats renew it. A runner that cannot renew it must stop working before a
// peer may think it dead. A loop that stands still counts as such a runner, so that peers can rescue its
// runs.
//
// Thread rule: loopTurned() and isLost() may be called from any thread, all others by the database thread
// alone.
#pragma once

#include <atomic>
#include <chrono>

#include "runner/loop_watch.h"

namespace taskqueue::runner {

constexpr int kHeartbeatsOfALease = 6;  // at least this many heartbeats fit into a lease

class Lease {
 public:
  using Clock = std::chrono::steady_clock;

  // `heartbeat` is the time between two heartbeats of a runner that owns runs.
  Lease(std::chrono::seconds lease, std::chrono::milliseconds heartbeat);

  void loopTurned() { loopWatch_.turned(); }
  // Returns true once when the lease will soon end unrenewed.
  bool isLost();

  void renewed(Clock::time_point now);
  std::chrono::milliseconds untilNextHeartbeat(bool ownsRuns) const;
  // Finds out whether the loop stands still. While the runner stops, the loop may: it waits for this thread.
  void lookAtLoop(bool stopping);
  bool loopStandsStill() const { return loopStandsStill_; }
  Clock::time_point nextLook() const;  // when isLost() or lookAtLoop() must be called next

 private:
  Clock::time_point limit() const;  // the lease must be renewed before this time

  const std::chrono::seconds lease_;
  const std::chrono::milliseconds heartbeat_;
  LoopWatch loopWatch_;
  std::atomic<Clock::time_point> lastBeat_{};
  std::atomic<bool> isLost_ = false;
  bool loopStandsStill_ = false;  // used by the database thread only
};

}  // namespace taskqueue::runner
