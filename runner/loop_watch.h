// Tells whether the runner's loop still turns. A runner whose loop stands still can neither end a run nor
// heed a time limit, so it must not renew its lease.
#pragma once

#include <atomic>
#include <chrono>

namespace taskqueue::runner {

class LoopWatch {
 public:
  using Clock = std::chrono::steady_clock;

  // The loop stands still when it has not turned for `limit`.
  explicit LoopWatch(std::chrono::milliseconds limit) : limit_(limit) {}

  // The loop has turned. May be called from any thread.
  void turned() { turned_ = Clock::now(); }

  // Whether the loop stands still. Call it at nextLook() at the latest, always from one thread. When the
  // calls were far apart, the whole process was held up, and the loop gets its time anew.
  bool standsStill(Clock::time_point now);
  Clock::time_point nextLook() const { return lastLook_ + limit_ / 4; }

 private:
  std::chrono::milliseconds limit_;
  std::atomic<Clock::time_point> turned_{Clock::now()};
  Clock::time_point lastLook_{Clock::now()};
  Clock::time_point countedFrom_{Clock::now()};
};

}  // namespace taskqueue::runner
