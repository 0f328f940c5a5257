#include "module/web/health_check_cache.h"

namespace taskqueue::web {
namespace {

constexpr std::chrono::seconds kKept{2};

}  // namespace

std::vector<health::HealthCheck> HealthCheckCache::get(const Look& look) {
  {
    const std::lock_guard lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    if (!checks_.empty() && now < until_) return checks_;
    until_ = now + kKept;
  }
  auto found = look();
  const std::lock_guard lock(mutex_);
  checks_ = found;
  return found;
}

}  // namespace taskqueue::web
