// How long a failed task waits before its next try (rule 8).
#pragma once

#include <chrono>

namespace taskqueue {

struct RetryPolicy {
  std::chrono::seconds delay{10};         // after the first failure; doubles with each further one
  std::chrono::seconds delayLimit{3600};  // never longer than this, before jitter
  double jitter = 0.2;  // up to this share is added, so that failures do not return together

  // The wait after the `failures`-th failure in a row (1, 2, …). `chance` is a random number in [0, 1).
  std::chrono::seconds delayAfter(int failures, double chance) const;
};

}  // namespace taskqueue
