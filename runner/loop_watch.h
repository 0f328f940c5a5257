// Detects a loop that stands still. Such a runner can neither end a run nor apply a time limit, so it must
// not renew its lease.
#pragma once

#include <atomic>
#include <chrono>

namespace taskqueue::runner {

class LoopWatch {
 public:
  using Clock = std::chrono::steady_clock;

  // After `limit` without a turn, the loop counts as standing still.
  explicit LoopWatch(std::chrono::milliseconds limit) : limit_(limit) {}

  // Records a turn of the loop. May be called from any thread.
  void turned() { turned_ = Clock::now(); }

  // Returns whether the loop stands still. Call it from one thread, not later than nextLook(). If two calls
  // were far apart, the whole process was suspended, so the limit starts again.
  bool standsStill(Clock::time_point now);
  Clock::time_point nextLook() const { return lastLook_ + limit_ / 4; }

 private:
  std::chrono::milliseconds limit_;
  std::atomic<Clock::time_point> turned_{Clock::now()};
  Clock::time_point lastLook_{Clock::now()};
  Clock::time_point countedFrom_{Clock::now()};
};

}  // namespace taskqueue::runner
