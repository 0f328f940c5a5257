// Fires due schedules, which is a step of the overseer's pass.
#pragma once

#include <chrono>
#include <optional>

#include "module/queue/limits.h"
#include "module/queue/store/stores.h"

namespace taskqueue {

struct FiringCounts {
  int fired = 0;    // created tasks
  int skipped = 0;  // firings whose Overlap forbade a task
  int missed = 0;   // missed instants that are not made up
};

// Fires every schedule that is due at `now`; if absent, the database's time counts. Each schedule is one
// transaction of its own, so after an interruption the next call continues with the others. Only one of
// several callers handles an instant. No schedule is begun after `until`.
FiringCounts fireDueSchedules(
    const Stores& stores, const QueueLimits& limits, std::optional<UnixSeconds> now = std::nullopt,
    std::chrono::steady_clock::time_point until = std::chrono::steady_clock::time_point::max());

// Returns whether the overseer's last pass is so old that a runner must do the fallback pass.
bool isOverseerSilent(const OverseerFacts& facts, const QueueLimits& limits);

}  // namespace taskqueue
