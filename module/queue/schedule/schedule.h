// A schedule: a row of TaskSchedules, work that comes again and again. And what became of its firings.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "module/queue/task.h"

namespace taskqueue {

// What is made up of the instants that nobody saw because no overseer came by.
enum class Missed {
  Skip,  // nothing: the schedule goes on with the next instant
  Once,  // one task for all of them
  All,   // a task for each, of the newest MissedLimit
};

// What a firing does while the task of an earlier one is live.
enum class Overlap {
  Skip,     // no task is made, and the firing is recorded as skipped
  Queue,    // the new task stands besides
  Replace,  // the live one gives way, as for UniqueMode::Replace
};

std::string_view wordOf(Missed missed);    // skip, once, all
std::string_view wordOf(Overlap overlap);  // skip, queue, replace
std::optional<Missed> missedOf(std::string_view word);
std::optional<Overlap> overlapOf(std::string_view word);

inline constexpr int kDefaultMissedLimit = 10;
inline constexpr const char* kDefaultTimeZone = "UTC";

// What people say of a schedule. The members are the columns of the same name.
struct ScheduleDefinition {
  std::string name;
  std::string taskHandlerClass;
  std::string taskData = "{}";  // a JSON object
  std::string cronExpression;
  std::string timeZone = kDefaultTimeZone;
  Missed missed = Missed::Once;
  int missedLimit = kDefaultMissedLimit;
  Overlap overlap = Overlap::Skip;
  bool enabled = true;
  // Of each task; what is absent is what the handler says.
  std::optional<std::string> queue;
  std::optional<int> priority;
  std::optional<int> maxRetries;
  // Of each task, as there.
  NotifyOn notifyOn = NotifyOn::Never;
  std::optional<std::string> notifyTo;  // nothing: the address of whoever made the schedule
  std::string notifyLanguage;
};

// "enabled, 30 3 * * * Europe/Riga": what the record of changes tells.
std::string summaryOf(const ScheduleDefinition& definition);

struct Schedule {
  int id = 0;
  ScheduleDefinition definition;
  std::optional<UnixSeconds> lastFiredOn;
  std::optional<UnixSeconds> nextFireOn;  // nothing: never; kNotLookedAt: a plain SQL INSERT left the row
  std::optional<int> lastTaskQueueId;
  std::string problem;  // why it never fires; empty: nothing is wrong
  std::optional<UnixSeconds> createdOn;
  int createdById = 0;
};

enum class FiringOutcome { Fired, Skipped, Missed };

std::string_view wordOf(FiringOutcome outcome);  // fired, skipped, missed
std::optional<FiringOutcome> firingOutcomeOf(std::string_view word);

struct ScheduleFiring {
  int id = 0;
  std::optional<UnixSeconds> fireOn;   // the instant; of missed ones the first; nothing: fired by hand
  std::optional<UnixSeconds> firedOn;  // when it was dealt with
  FiringOutcome outcome = FiringOutcome::Fired;
  int missedCount = 0;
  std::optional<int> taskQueueId;  // made by it; of a skipped one, the live task in its way
};

}  // namespace taskqueue
