// Caches the health checks for two seconds. All threads share it, so many open overviews cause one check.
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <vector>

#include "module/health/check.h"

namespace taskqueue::web {

// Any thread may call any method.
class HealthCheckCache {
 public:
  using Look = std::function<std::vector<health::HealthCheck>()>;

  // Returns the cached checks, or calls `look` if they are too old. While it works, other threads get the old
  // checks. If there are none yet, they call `look` themselves.
  std::vector<health::HealthCheck> get(const Look& look);

 private:
  std::mutex mutex_;
  std::chrono::steady_clock::time_point until_{};  // guarded by mutex_
  std::vector<health::HealthCheck> checks_;        // guarded by mutex_; empty before the first check
};

}  // namespace taskqueue::web
