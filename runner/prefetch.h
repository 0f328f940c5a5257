// How many runs a runner claims beyond its slots, so that its workers need not wait for the database: as many
// as are over within a moment, by what recent runs took. Runs that turn out to wait longer are released.
//
// A pure rule: no clock of its own. Belongs to the loop.
#pragma once

#include <chrono>

namespace taskqueue::runner {

class Prefetch {
 public:
  using Duration = std::chrono::steady_clock::duration;

  // Work for this long is prefetched, and never more runs than this.
  static constexpr std::chrono::milliseconds kWork{30};
  static constexpr int kMaxRuns = 500;
  // A run that was prefetched waits at most about this long for a slot: then somebody else may have it.
  static constexpr std::chrono::milliseconds kLongestWait{100};

  // A run was done; `took` counts from the moment at which it had its slot.
  void runTook(Duration took);
  // Runs that were prefetched had to wait too long: nothing is prefetched until runs are short again.
  void waitedTooLong() { average_ = kUnknown; }

  // Beyond so many slots.
  int runsBeyond(int slots) const;

 private:
  static constexpr Duration kUnknown = std::chrono::hours(1);

  Duration average_ = kUnknown;
};

}  // namespace taskqueue::runner
