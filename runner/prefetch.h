// Decides how many runs a runner claims beyond its slots, so that its workers need not wait for the database.
// The number follows from the duration of recent runs. Runs that wait too long are released.
//
// This class has no clock and belongs to the loop thread.
#pragma once

#include <chrono>

namespace taskqueue::runner {

class Prefetch {
 public:
  using Duration = std::chrono::steady_clock::duration;

  // Work for this long is prefetched, but never more runs than kMaxRuns.
  static constexpr std::chrono::milliseconds kWork{30};
  static constexpr int kMaxRuns = 500;
  // A prefetched run waits about this long for a slot. Then it is released, so that another runner can take
  // it.
  static constexpr std::chrono::milliseconds kLongestWait{100};

  // Records a finished run. `took` counts from the moment at which the run got its slot.
  void runTook(Duration took);
  // Records that prefetched runs waited too long. Nothing is prefetched until runs are short again.
  void waitedTooLong() { average_ = kUnknown; }

  // Returns how many runs to claim beyond `slots` slots.
  int runsBeyond(int slots) const;

 private:
  static constexpr Duration kUnknown = std::chrono::hours(1);

  Duration average_ = kUnknown;
};

}  // namespace taskqueue::runner
