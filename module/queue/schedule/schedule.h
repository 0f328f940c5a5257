// A schedule makes tasks at recurring times. It is a row of TaskSchedules; its firings are recorded.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "module/queue/task.h"

namespace taskqueue {

// Decides which instants are made up if no overseer pass happened at their time.
enum class Missed {
  Skip,  // none: the schedule goes on with the next instant
  Once,  // one task stands for all of them
  All,   // one task for each of the newest MissedLimit instants
};

// Decides what a firing does while the task of an earlier firing is live.
enum class Overlap {
  Skip,     // it makes no task, and is recorded as skipped
  Queue,    // it makes a task in addition to the live one
  Replace,  // its task supersedes the live one, as for UniqueMode::Replace
};

inline constexpr std::array kAllMissed{Missed::Skip, Missed::Once, Missed::All};
inline constexpr std::array kAllOverlaps{Overlap::Skip, Overlap::Queue, Overlap::Replace};

std::string_view toString(Missed missed);    // skip, once, all
std::string_view toString(Overlap overlap);  // skip, queue, replace
std::optional<Missed> parseMissed(std::string_view word);
std::optional<Overlap> parseOverlap(std::string_view word);

inline constexpr int kDefaultMissedLimit = 10;
inline constexpr const char* kDefaultTimeZone = "UTC";

// The definition of a schedule by people. The members are the columns of the same name.
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
  // These set members of each task. If absent, the handler's setting applies.
  std::optional<std::string> queue;
  std::optional<int> priority;
  std::optional<int> maxRetries;
  // These set the notification members of each task, as in NewTask.
  NotifyOn notifyOn = NotifyOn::Never;
  std::optional<std::string> notifyTo;  // absent: the address of the schedule's creator
  std::string notifyLanguage;
};

// Returns the summary for the audit record, such as "enabled, 30 3 * * * Europe/Riga".
std::string summarize(const ScheduleDefinition& definition);

struct Schedule {
  int id = 0;
  ScheduleDefinition definition;
  std::optional<UnixSeconds> lastFiredOn;
  std::optional<UnixSeconds> nextFireOn;  // absent: never; kUnscheduled: new row from a plain SQL INSERT
  std::optional<int> lastTaskQueueId;
  std::string problem;  // why it never fires; empty: there is no problem
  std::optional<UnixSeconds> createdOn;
  int createdById = 0;
};

enum class FiringOutcome { Fired, Skipped, Missed };
inline constexpr std::array kAllFiringOutcomes{FiringOutcome::Fired, FiringOutcome::Skipped,
                                               FiringOutcome::Missed};

std::string_view toString(FiringOutcome outcome);  // fired, skipped, missed
std::optional<FiringOutcome> parseFiringOutcome(std::string_view word);

struct ScheduleFiring {
  int id = 0;
  std::optional<UnixSeconds>
      fireOn;  // the instant, or the first of several missed ones; absent: fired by hand
  std::optional<UnixSeconds> firedOn;  // when the instant was handled
  FiringOutcome outcome = FiringOutcome::Fired;
  int missedCount = 0;
  std::optional<int> taskQueueId;  // the created task; for a skipped firing, the live task that prevented it
  std::optional<RunStatus> taskStatus;  // LastStatus of that task, unless it is deleted
  std::optional<std::int64_t> runMs;    // duration of its newest run, once that has ended
};

}  // namespace taskqueue
