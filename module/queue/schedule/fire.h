// Fires due schedules, which is a step of the overseer's pass.
#pragma once

#include <chrono>
#include <optional>

#include "module/queue/limits.h"
#include "module/queue/task_store.h"

namespace taskqueue {

struct FiringCounts {
  int fired = 0;    // created tasks
  int skipped = 0;  // firings whose Overlap forbade a task
  int missed = 0;   // missed instants that are not made up
};

// Fires every schedule whose time has come at `now`; the database's, when it is absent. Each schedule is one
// transaction of its own: stopped in the middle, the next call goes on with the others. However many callers
// there are at once, each instant is dealt with by one of them. None is begun after `until`.
FiringCounts fireDueSchedules(
    TaskStore& store, const QueueLimits& limits, std::optional<UnixSeconds> now = std::nullopt,
    std::chrono::steady_clock::time_point until = std::chrono::steady_clock::time_point::max());

// Returns whether the overseer's last pass is so old that a runner must do the fallback pass.
bool isOverseerSilent(const OverseerFacts& facts, const QueueLimits& limits);

}  // namespace taskqueue
