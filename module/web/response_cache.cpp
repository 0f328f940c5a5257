#include "module/web/response_cache.h"

namespace taskqueue::web {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kYoung{400};
constexpr std::size_t kMaxCached = 500;

}  // namespace

std::optional<Response> ResponseCache::find(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end() || found->second.until < steady_clock::now()) return std::nullopt;
  return found->second.response;
}

Response ResponseCache::keep(const std::string& key, Response response) {
  const std::lock_guard lock(mutex_);
  const auto now = steady_clock::now();
  if (entries_.size() >= kMaxCached)
    std::erase_if(entries_, [&](const auto& one) { return one.second.until < now; });
  if (entries_.size() < kMaxCached) entries_[key] = {now + kYoung, response};
  return response;
}

}  // namespace taskqueue::web
