// What is to be done about a schedule whose time has come: a decision without side effects, which a store
// carries out in one transaction.
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
  // The schedule's NextFireOn as it was read: nothing is done when it is another one by now, since somebody
  // else has fired it. Nothing: it is fired by hand, and NextFireOn stays.
  std::optional<UnixSeconds> due;
  std::vector<NewTask> tasks;              // one an instant, the oldest first; ScheduledOn is the instant
  std::optional<UnixSeconds> firstMissed;  // the first of the instants that nothing is made up for
  int missedCount = 0;
  std::optional<UnixSeconds> nextFireOn;
  std::string problem;  // why it never fires again
};

// When a definition fires: its expression and its zone, or what is wrong with them.
struct FiringTimes {
  CronExpression expression;
  TimeZone zone;

  // The first instant after that one; nothing when none comes that the tables can hold.
  std::optional<UnixSeconds> after(UnixSeconds instant) const;
};
struct FiringTimesProblem {
  std::string member;
  std::string problem;
};
std::variant<FiringTimes, FiringTimesProblem> firingTimesOf(const ScheduleDefinition& definition);

// What to do at `now` about a schedule with NextFireOn <= now. `handler`: what the handler says of its tasks.
FiringPlan planFirings(const Schedule& schedule, UnixSeconds now, const HandlerSettings& handler,
                       const QueueLimits& limits);
// The same for somebody who wants it now, whatever its time.
FiringPlan planFiringByHand(const Schedule& schedule, UnixSeconds now, const HandlerSettings& handler);

}  // namespace taskqueue
