// The delays before the retries of a failed task (rule 8).
#pragma once

#include <chrono>

namespace taskqueue {

struct RetryPolicy {
  std::chrono::seconds delay{10};         // delay after the first failure; each further failure doubles it
  std::chrono::seconds delayLimit{3600};  // longest delay, before jitter
  // Up to this share of the delay is added, so that tasks that failed together are not retried together
  double jitter = 0.2;

  // Returns the delay after the `failures`-th failure in a row (1, 2, …). `chance` is a random number in [0,
  // 1).
  std::chrono::seconds delayAfter(int failures, double chance) const;
};

}  // namespace taskqueue
