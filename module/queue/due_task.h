// What a runner does with a task that stands at the head of the claim index. A pure rule, used by every
// store, so that a row written by the CMS, by hand or by its editor meets the same judgement everywhere.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

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

// The ParkedReason of tasks that wait for a run of the same handler, or of the same ConcurrencyKey, to end.
inline constexpr const char* kAtLimitReason = "as many tasks of its handler are running as may at once";
inline constexpr const char* kKeyAtLimitReason = "as many tasks are running as may of its key: ";
std::string keyAtLimitReason(std::string_view concurrencyKey);
// That of tasks whose handler no living runner offers; the handler's class follows.
inline constexpr const char* kNowhereReason = "no runner knows the handler ";

// Which runners know a handler class, or why it may not be claimed now whoever knows it.
enum class HandlerReach { Here, Elsewhere, Nowhere, Paused, AtLimit, KeyAtLimit };

// Whether the rules allow the task a further run, now or later.
bool mayRunAgain(const Task& task);

// The second on which a waiting task is due. If it is over, the task has been due since then. It is
// NextRunOn; for a row with NextRunOn 0 it is firstDueOn(). Nothing when the task does not wait, or
// may not run again. module/store/due_on.h says the same in SQL.
std::optional<UnixSeconds> dueOn(const Task& task, UnixSeconds now);
// The second on which the task's first run was due: ScheduledOn. Without that it is QueuedOn, but never later
// than `now`, and `now` for a row without any date.
UnixSeconds firstDueOn(const Task& task, UnixSeconds now);

// Judges a task whose NextRunOn is due at `now`. A class that only other runners know is postponed by a
// second, which leaves it to them.
DueJudgement judgeDueTask(const Task& task, UnixSeconds now, HandlerReach reach);

}  // namespace taskqueue
