#include "module/queue/retry_policy.h"

#include <algorithm>
#include <cmath>

namespace taskqueue {

std::int64_t RetryPolicy::delayBeforeJitter(int failures) const {
  const int earlier = std::max(failures - 1, 0);
  if (!delays.empty())
    return delays[std::min(static_cast<std::size_t>(earlier), delays.size() - 1)].count();
  constexpr int kDoublingsUntilAnyLimit = 31;
  const int doublings = std::min(earlier, kDoublingsUntilAnyLimit);
  const double wanted = static_cast<double>(delay.count()) * std::pow(2.0, doublings);
  return static_cast<std::int64_t>(std::min(wanted, static_cast<double>(delayLimit.count())));
}

std::chrono::seconds RetryPolicy::delayAfter(int failures, double chance) const {
  const double wanted = static_cast<double>(delayBeforeJitter(failures));
  return std::chrono::seconds(static_cast<std::int64_t>(std::llround(wanted * (1.0 + jitter * chance))));
}

}  // namespace taskqueue
