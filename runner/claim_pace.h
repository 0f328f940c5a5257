// When the next sync claims runs, and how many.
//
// Thread rule: it has no lock of its own. The mutex of the owner guards it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "module/queue/sync.h"

namespace taskqueue::runner {

class ClaimPace {
 public:
  using Clock = std::chrono::steady_clock;

  struct Times {
    // Looks that find nothing become rarer, from `busy` to `idle`.
    std::chrono::milliseconds busy;
    std::chrono::milliseconds idle;
    // Between two looks, it is asked this often for the newest task, which costs a seventh of a look.
    std::chrono::milliseconds probe;
  };
  explicit ClaimPace(const Times& times) : times_(times), poll_(times.busy) {}

  void addFreeSlots(int count) { freeSlots_ += count; }
  void stop() { claiming_ = false; }
  void wake() { woken_ = true; }
  // A wake-up named these new tasks. They are claimed without a look if nothing else was due lately, and
  // there is room for all of them. No names mean that anything may be due.
  void wake(std::span<const int> newTasks);

  std::optional<Clock::time_point> nextClaim() const;  // absent: nothing may be claimed
  // Whether the store must be asked for the newest task before the sync that begins now.
  bool isProbeDue() const;
  void probed(std::int64_t newestTask);
  // Sets how many runs the sync that begins now may claim, and which. A sync that writes ends claims in any
  // case.
  void take(SyncRequest& request, bool loopStandsStill);
  // The sync of this request, which could claim, has ended so.
  void claimed(const SyncRequest& request, const SyncResult& result);

 private:
  void claimedByLook(const SyncRequest& request, const SyncResult& result);

  const Times times_;
  std::chrono::milliseconds poll_;
  int freeSlots_ = 0;  // negative when the limit was lowered below the current number of runs
  bool claiming_ = true;
  bool woken_ = false;
  bool isHungry_ = false;     // the last look found less than there was room for
  std::vector<int> named_;    // new tasks that the next sync claims
  std::int64_t newest_ = -1;  // Id of the newest task that is known
  Clock::time_point nextPoll_{};
  Clock::time_point nextProbe_{};
};

}  // namespace taskqueue::runner
