// Fires due schedules, which is a step of the overseer's pass.
#pragma once

#include <optional>

#include "module/queue/limits.h"
#include "module/queue/task_store.h"

namespace taskqueue {

struct FiringCounts {
  int fired = 0;    // created tasks
  int skipped = 0;  // firings whose Overlap forbade a task
  int missed = 0;   // missed instants that are not made up
};

// Fires every schedule that is due at `now`; the default is the database's time. Each schedule is one
// transaction, so an interrupted call loses nothing. Concurrent callers handle each instant only once.
FiringCounts fireDueSchedules(TaskStore& store, const QueueLimits& limits,
                              std::optional<UnixSeconds> now = std::nullopt);

// Returns whether the overseer's last pass is so old that a runner must do the fallback pass.
bool isOverseerSilent(const OverseerFacts& facts, const QueueLimits& limits);

}  // namespace taskqueue
