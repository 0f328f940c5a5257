#include "module/queue/retry_policy.h"

#include <algorithm>
#include <cmath>

namespace taskqueue {

std::chrono::seconds RetryPolicy::delayAfter(int failures, double chance) const {
  constexpr int kDoublingsUntilAnyLimit = 31;
  const int doublings = std::clamp(failures - 1, 0, kDoublingsUntilAnyLimit);
  const double wanted = static_cast<double>(delay.count()) * std::pow(2.0, doublings);
  const double limited = std::min(wanted, static_cast<double>(delayLimit.count()));
  return std::chrono::seconds(static_cast<std::int64_t>(std::llround(limited * (1.0 + jitter * chance))));
}

}  // namespace taskqueue
