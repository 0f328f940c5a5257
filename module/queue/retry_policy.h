// The delays before the retries of a failed task (rule 8).
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

namespace taskqueue {

struct RetryPolicy {
  std::chrono::seconds delay{10};         // delay after the first failure; each further failure doubles it
  std::chrono::seconds delayLimit{3600};  // longest delay, before jitter
  // Delays after the first, second, … failure; the last one holds for all further failures. If there are any,
  // they replace `delay` and `delayLimit`.
  std::vector<std::chrono::seconds> delays{};
  // Up to this share of the delay is added, so that tasks that failed together are not retried together
  double jitter = 0.2;

  // Returns the delay after the `failures`-th failure in a row (1, 2, …). `chance` is a random number in [0,
  // 1).
  std::chrono::seconds delayAfter(int failures, double chance) const;

 private:
  std::int64_t delayBeforeJitter(int failures) const;  // in seconds
};

}  // namespace taskqueue
