// Decides what happens to a due schedule. Planning has no side effects; a store carries out the plan in one
// transaction.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "module/queue/handler_settings.h"
#include "module/queue/limits.h"
#include "module/queue/schedule/next_instant.h"
#include "module/queue/schedule/schedule.h"

namespace taskqueue {

struct FiringPlan {
  int taskScheduleId = 0;
  // NextFireOn as it was read. If the row differs by now, another caller has fired the schedule, and the plan
  // is not carried out. It is absent for a firing by hand, which does not change NextFireOn.
  std::optional<UnixSeconds> due;
  std::vector<NewTask> tasks;  // one for each instant, the oldest first; ScheduledOn is the instant
  std::optional<UnixSeconds> firstMissed;  // the first missed instant that is not made up
  int missedCount = 0;
  std::optional<UnixSeconds> nextFireOn;
  std::string problem;  // why the schedule never fires again; empty: it does
};

// The firing times of a definition, given by its expression and time zone.
struct FiringTimes {
  CronExpression expression;
  TimeZone zone;

  // Returns the first instant after `instant`, or nothing if none is left that fits a database column.
  std::optional<UnixSeconds> after(UnixSeconds instant) const;
};
struct FiringTimesProblem {
  std::string member;
  std::string problem;
};
std::variant<FiringTimes, FiringTimesProblem> parseFiringTimes(const ScheduleDefinition& definition);

// Plans the firings of a schedule with NextFireOn <= `now`. `handler` holds the settings of the schedule's
// handler.
FiringPlan planFirings(const Schedule& schedule, UnixSeconds now, const HandlerSettings& handler,
                       const QueueLimits& limits);
// Plans one firing at `now` on a person's request, whatever NextFireOn is.
FiringPlan planFiringByHand(const Schedule& schedule, UnixSeconds now, const HandlerSettings& handler);

}  // namespace taskqueue
