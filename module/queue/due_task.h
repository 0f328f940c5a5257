// What a runner does with a task that stands at the head of the claim index. A pure rule, used by every
// store, so that a row written by the CMS, by hand or by its editor meets the same judgement everywhere.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "module/queue/task.h"

namespace taskqueue {

enum class DueVerdict {
  Claim,     // give it a run
  Postpone,  // not due yet: NextRunOn = `nextRunOn`
  Retire,    // it may have no further run: NextRunOn = NULL
  Park,      // it cannot run anywhere now: NextRunOn = NULL and `reason` says why
};

struct DueJudgement {
  DueVerdict verdict = DueVerdict::Claim;
  std::optional<UnixSeconds> nextRunOn;
  std::string reason;
};

// Which runners know a handler class.
enum class HandlerReach { Here, Elsewhere, Nowhere, Paused };

// Judges a task whose NextRunOn is due at `now`. A class that only other runners know is postponed by a
// second, which leaves it to them.
DueJudgement judgeDueTask(const Task& task, UnixSeconds now, HandlerReach reach);

}  // namespace taskqueue
