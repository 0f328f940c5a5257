#include "runner/claim_pace.h"

#include <algorithm>
#include <utility>

namespace taskqueue::runner {

void ClaimPace::wake(std::span<const int> newTasks) {
  const auto wanted = static_cast<std::int64_t>(named_.size() + newTasks.size());
  if (newTasks.empty() || !isHungry_ || wanted > freeSlots_) return wake();
  named_.insert(named_.end(), newTasks.begin(), newTasks.end());
}

std::optional<ClaimPace::Clock::time_point> ClaimPace::nextClaim() const {
  if (!claiming_ || freeSlots_ <= 0) return std::nullopt;
  return woken_ || !named_.empty() ? Clock::time_point{} : std::min(nextPoll_, nextProbe_);
}

bool ClaimPace::isProbeDue() const {
  const auto now = Clock::now();
  return claiming_ && freeSlots_ > 0 && !woken_ && named_.empty() && now < nextPoll_ && now >= nextProbe_;
}

void ClaimPace::probed(std::int64_t newestTask) {
  woken_ = woken_ || newestTask != newest_;
  newest_ = newestTask;
  nextProbe_ = Clock::now() + times_.probe;
}

void ClaimPace::take(SyncRequest& request, bool loopStandsStill) {
  const auto now = Clock::now();
  if (loopStandsStill) {
    nextPoll_ = now + times_.idle;
    nextProbe_ = nextPoll_;
    return;
  }
  if (!claiming_ || freeSlots_ <= 0) return;
  std::vector<int> named = std::exchange(named_, {});
  const bool looks = std::exchange(woken_, false) || now >= nextPoll_ || !request.ends.empty();
  if (!looks && named.empty()) return;
  request.claimLimit = freeSlots_;
  if (!looks) request.named = std::move(named);
}

void ClaimPace::claimed(const SyncRequest& request, const SyncResult& result) {
  freeSlots_ -= static_cast<int>(result.claimed.size());
  if (request.named.empty()) return claimedByLook(request, result);
  // The newest task stays unknown, so that the next probe causes a look for those of lower Ids.
  woken_ = woken_ || result.needsLook;
}

void ClaimPace::claimedByLook(const SyncRequest& request, const SyncResult& result) {
  for (const ClaimedRun& run : result.claimed)
    newest_ = std::max(newest_, std::int64_t{run.owned.taskQueueId});
  const bool isBusy = !result.claimed.empty();
  isHungry_ = static_cast<int>(result.claimed.size()) < request.claimLimit;
  poll_ = isBusy ? times_.busy : std::min(poll_ * 2, times_.idle);
  std::chrono::milliseconds wait = poll_;
  if (result.secondsUntilDue && !isBusy) {
    const auto untilDue = std::chrono::milliseconds(*result.secondsUntilDue * 1000);
    wait = std::min(wait, std::max(untilDue, times_.busy));
  }
  const auto now = Clock::now();
  nextPoll_ = now + wait;
  nextProbe_ = now + times_.probe;
}

}  // namespace taskqueue::runner
