// The health checks of the last two seconds, shared by all threads: many open overviews cost one look.
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

  // Those that were found last, or what `look` finds when they are too old. While one thread looks, the
  // others get the old ones; the first look of all is waited for by none.
  std::vector<health::HealthCheck> get(const Look& look);

 private:
  std::mutex mutex_;
  std::chrono::steady_clock::time_point until_{};  // guarded by mutex_
  std::vector<health::HealthCheck> checks_;        // guarded by mutex_; empty: there was no look yet
};

}  // namespace taskqueue::web
