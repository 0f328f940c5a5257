#include "module/queue/schedule/firing_plan.h"

#include <algorithm>
#include <cstdint>
#include <deque>

#include "module/queue/utf8_text.h"

namespace taskqueue {
namespace {

constexpr UnixSeconds kLongestLookBack = 366LL * 86400;  // missed instants before this are not counted
constexpr std::size_t kProblemBytes = 255;               // size of the column Problem

NewTask taskOf(const Schedule& schedule, UnixSeconds instant, const HandlerSettings& handler) {
  const ScheduleDefinition& from = schedule.definition;
  NewTask task;
  task.taskHandlerClass = from.taskHandlerClass;
  task.taskData = from.taskData;
  task.title = from.name;
  task.scheduledOn = instant;
  task.queuedById = schedule.createdById;
  task.queue = from.queue;
  task.priority = from.priority;
  task.maxRetries = from.maxRetries;
  task.notifyOn = from.notifyOn;
  task.notifyTo = from.notifyTo;
  task.notifyLanguage = from.notifyLanguage;
  handler.complete(task);
  if (from.overlap == Overlap::Queue) return task;
  // Tasks of a schedule that may not overlap share a UniqueKey, so the database prevents the overlap.
  task.uniqueKey = "TaskSchedule/" + std::to_string(schedule.id);
  if (from.overlap == Overlap::Replace) task.uniqueMode = UniqueMode::Replace;
  return task;
}

// Names written by plain SQL were never checked. Tasks with invalid names would have no valid URL.
std::string findNamesProblem(const ScheduleDefinition& definition) {
  if (!isHandlerClass(definition.taskHandlerClass))
    return "TaskHandlerClass " + std::string(kHandlerClassRule);
  if (definition.queue && !isQueueName(*definition.queue)) return "Queue " + std::string(kQueueNameRule);
  return "";
}

// The instants from the due one to `now`. Of the oldest ones, only the first and their number are kept.
struct DueInstants {
  std::deque<UnixSeconds> newest;
  std::optional<UnixSeconds> firstLeftOut;
  int leftOut = 0;

  void leaveOutOldest() {
    if (!firstLeftOut) firstLeftOut = newest.front();
    newest.pop_front();
    ++leftOut;
  }
};

DueInstants dueInstants(const FiringTimes& times, UnixSeconds due, UnixSeconds now, std::size_t max) {
  DueInstants found;
  std::optional<UnixSeconds> instant = due;
  if (due < now - kLongestLookBack) instant = times.after(now - kLongestLookBack);
  for (; instant && *instant <= now; instant = times.after(*instant)) {
    found.newest.push_back(*instant);
    if (found.newest.size() > max) found.leaveOutOldest();
  }
  return found;
}

}  // namespace

std::optional<UnixSeconds> FiringTimes::after(UnixSeconds instant) const {
  const auto next = nextInstant(expression, zone, instant);
  return next && *next <= INT32_MAX ? next : std::nullopt;
}

std::variant<FiringTimes, FiringTimesProblem> parseFiringTimes(const ScheduleDefinition& definition) {
  const auto parsed = CronExpression::parse(definition.cronExpression);
  if (const auto* problem = std::get_if<std::string>(&parsed))
    return FiringTimesProblem{"CronExpression", *problem};
  const auto zone = TimeZone::find(definition.timeZone);
  if (!zone) {
    return FiringTimesProblem{"TimeZone",
                              "is no zone of the time zone database; give a name such as UTC or "
                              "Europe/Riga"};
  }
  return FiringTimes{std::get<CronExpression>(parsed), *zone};
}

FiringPlan planFirings(const Schedule& schedule, UnixSeconds now, const HandlerSettings& handler,
                       const QueueLimits& limits) {
  const ScheduleDefinition& definition = schedule.definition;
  FiringPlan plan;
  plan.taskScheduleId = schedule.id;
  plan.due = schedule.nextFireOn;
  plan.problem = findNamesProblem(definition);
  if (!plan.problem.empty()) return plan;
  const auto read = parseFiringTimes(definition);
  if (const auto* problem = std::get_if<FiringTimesProblem>(&read)) {
    plan.problem = cutAtCharacter(problem->member + " " + problem->problem, kProblemBytes);
    return plan;
  }
  const auto& times = std::get<FiringTimes>(read);
  plan.nextFireOn = times.after(now);
  if (!plan.nextFireOn) plan.problem = "CronExpression never comes again";
  if (schedule.nextFireOn.value_or(kUnscheduled) == kUnscheduled) return plan;

  const bool makesUpAll = definition.missed == Missed::All;
  const std::size_t max = makesUpAll ? static_cast<std::size_t>(std::max(definition.missedLimit, 1)) : 1;
  DueInstants instants = dueInstants(times, *schedule.nextFireOn, now, max);
  const bool onlyOnTime = definition.missed == Missed::Skip;
  if (onlyOnTime && !instants.newest.empty() && instants.newest.back() < now - limits.missedAfterSeconds)
    instants.leaveOutOldest();
  for (const UnixSeconds instant : instants.newest) plan.tasks.push_back(taskOf(schedule, instant, handler));
  plan.firstMissed = instants.firstLeftOut;
  plan.missedCount = instants.leftOut;
  return plan;
}

FiringPlan planFiringByHand(const Schedule& schedule, UnixSeconds now, const HandlerSettings& handler) {
  FiringPlan plan;
  plan.taskScheduleId = schedule.id;
  plan.tasks = {taskOf(schedule, now, handler)};
  return plan;
}

}  // namespace taskqueue
