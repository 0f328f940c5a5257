// When the next sync claims runs, and how many.
//
// Thread rule: it has no lock of its own. The mutex of the owner guards it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace taskqueue::runner {

class ClaimPace {
 public:
  using Clock = std::chrono::steady_clock;

  // Claims that find nothing become rarer, from `busy` to `idle`.
  ClaimPace(std::chrono::milliseconds busy, std::chrono::milliseconds idle)
      : busy_(busy), idle_(idle), poll_(busy) {}

  void addFreeSlots(int count) { freeSlots_ += count; }
  void stop() { claiming_ = false; }
  void wake() { woken_ = true; }

  std::optional<Clock::time_point> nextClaim() const;  // absent: nothing may be claimed
  // Returns how many runs the sync that begins now may claim. A sync that writes ends claims in any case.
  int take(bool writesEnds, bool loopStandsStill);
  // The sync has claimed this many runs; the next task is due after this time.
  void claimed(int count, std::optional<std::int64_t> secondsUntilDue);

 private:
  const std::chrono::milliseconds busy_;
  const std::chrono::milliseconds idle_;
  std::chrono::milliseconds poll_;
  int freeSlots_ = 0;  // negative when the limit was lowered below the current number of runs
  bool claiming_ = true;
  bool woken_ = false;
  Clock::time_point nextPoll_{};
};

}  // namespace taskqueue::runner
