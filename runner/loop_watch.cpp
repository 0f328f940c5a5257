#include "runner/loop_watch.h"

#include <algorithm>

namespace taskqueue::runner {

bool LoopWatch::standsStill(Clock::time_point now) {
  if (now - lastLook_ >= limit_ / 2) countedFrom_ = now;
  lastLook_ = now;
  return now - std::max(turned_.load(), countedFrom_) >= limit_;
}

}  // namespace taskqueue::runner
