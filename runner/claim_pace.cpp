#include "runner/claim_pace.h"

#include <algorithm>
#include <utility>

namespace taskqueue::runner {

std::optional<ClaimPace::Clock::time_point> ClaimPace::nextClaim() const {
  if (!claiming_ || freeSlots_ <= 0) return std::nullopt;
  return woken_ ? Clock::time_point{} : nextPoll_;
}

int ClaimPace::take(bool writesEnds, bool loopStandsStill) {
  const bool isDue = std::exchange(woken_, false) || Clock::now() >= nextPoll_ || writesEnds;
  if (loopStandsStill) {
    nextPoll_ = Clock::now() + idle_;
    return 0;
  }
  return isDue && claiming_ ? std::max(freeSlots_, 0) : 0;
}

void ClaimPace::claimed(int count, std::optional<std::int64_t> secondsUntilDue) {
  const bool isBusy = count > 0;
  poll_ = isBusy ? busy_ : std::min(poll_ * 2, idle_);
  std::chrono::milliseconds wait = poll_;
  if (secondsUntilDue && !isBusy) {
    const auto untilDue = std::chrono::milliseconds(*secondsUntilDue * 1000);
    wait = std::min(wait, std::max(untilDue, busy_));
  }
  freeSlots_ -= count;
  nextPoll_ = Clock::now() + wait;
}

}  // namespace taskqueue::runner
