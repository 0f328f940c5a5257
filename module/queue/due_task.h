// Decides what a runner does with the first task of the claim index. Every store applies this pure rule, so
// that all rows are judged alike, even those written by the CMS, its editor, or plain SQL.
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
  Retire,    // the rules allow no further run: NextRunOn = NULL
  Park,      // no runner can run it now: NextRunOn = NULL and `reason` says why
};

struct DueJudgement {
  DueVerdict verdict = DueVerdict::Claim;
  std::optional<UnixSeconds> nextRunOn;
  std::string reason;
};

// ParkedReason of a task whose handler, or whose ConcurrencyKey, is at its concurrency limit. The key follows
// the second text.
inline constexpr const char* kAtLimitReason = "as many tasks of its handler are running as may at once";
inline constexpr const char* kKeyAtLimitReason = "as many tasks are running as may of its key: ";
std::string keyAtLimitReason(std::string_view concurrencyKey);
// ParkedReason of a task whose handler no living runner offers. The handler's class follows this text.
inline constexpr const char* kNoRunnerReason = "no runner knows the handler ";

// Says which runners offer a handler class, or why no runner may claim its tasks now.
enum class HandlerReach { Here, Elsewhere, Nowhere, Paused, AtLimit, KeyAtLimit };

// Returns whether the rules allow the task a further run, now or later.
bool mayRunAgain(const Task& task);

// Returns the second from which a waiting task is due; it may lie in the past. This is NextRunOn, or
// firstDueOn() if NextRunOn is 0. Returns nothing if the task does not wait or may not run again.
// module/store/sql/due_on.h says the same in SQL.
std::optional<UnixSeconds> dueOn(const Task& task, UnixSeconds now);
// Returns the second on which the first run was due. This is ScheduledOn; without it, QueuedOn but never
// later than `now`; without both, `now`.
UnixSeconds firstDueOn(const Task& task, UnixSeconds now);

// Judges a task whose NextRunOn is not after `now`. If only other runners offer the class, the task is
// postponed by one second, so that they can claim it.
DueJudgement judgeDueTask(const Task& task, UnixSeconds now, HandlerReach reach);

}  // namespace taskqueue
