#include "module/queue/schedule/schedules.h"

#include "module/queue/control_characters.h"
#include "module/queue/schedule/firing_plan.h"
#include "module/queue/utf8_text.h"

namespace taskqueue {
namespace {

void refuseName(Schedules::Result& result) {
  result.errors.push_back({"/Name", "is the name of another schedule"});
  result.nameTaken = true;
}

std::optional<UnixSeconds> nextOf(const ScheduleDefinition& definition, UnixSeconds now) {
  const auto times = parseFiringTimes(definition);
  const auto* known = std::get_if<FiringTimes>(&times);
  return known != nullptr && definition.enabled ? known->after(now) : std::nullopt;
}

}  // namespace

std::vector<InputError> Schedules::check(const ScheduleDefinition& definition, int createdById) {
  NewTask task;
  task.taskHandlerClass = definition.taskHandlerClass;
  task.taskData = definition.taskData;
  task.queue = definition.queue;
  task.priority = definition.priority;
  task.maxRetries = definition.maxRetries;
  task.queuedById = createdById;
  task.notifyOn = definition.notifyOn;
  task.notifyTo = definition.notifyTo;
  task.notifyLanguage = definition.notifyLanguage;
  std::vector<InputError> errors = queue_.checkTask(task);

  if (definition.name.empty() || countCharacters(definition.name) > limits_.keyLength) {
    errors.push_back({"/Name", "must be 1 to " + std::to_string(limits_.keyLength) + " characters"});
  }
  if (hasControlBytes(definition.name)) errors.push_back({"/Name", std::string(kOneLineRule)});
  if (definition.missedLimit < 1 || definition.missedLimit > limits_.missedLimit) {
    errors.push_back({"/MissedLimit", "must be from 1 to " + std::to_string(limits_.missedLimit)});
  }
  const auto times = parseFiringTimes(definition);
  if (const auto* problem = std::get_if<FiringTimesProblem>(&times)) {
    errors.push_back({"/" + problem->member, problem->problem});
  } else if (!std::get<FiringTimes>(times).after(clock_.now())) {
    errors.push_back({"/CronExpression", "never comes: no such day is to be before 2038"});
  }
  return errors;
}

Schedules::Result Schedules::add(const ScheduleDefinition& definition, int createdById) {
  Result result{.errors = check(definition, createdById), .id = std::nullopt};
  if (!result.errors.empty()) return result;
  if (static_cast<int>(schedules_.findSchedules(limits_.schedules).size()) >= limits_.schedules) {
    result.errors.push_back({"", "there are " + std::to_string(limits_.schedules) + " schedules already"});
    return result;
  }
  result.id = schedules_.addSchedule(definition, nextOf(definition, clock_.now()), createdById);
  if (!result.id) refuseName(result);
  return result;
}

Schedules::Result Schedules::change(int id, const ScheduleDefinition& definition) {
  const auto before = schedules_.findSchedule(id);
  if (!before) return {};
  Result result{.errors = check(definition, before->createdById), .id = id};
  if (!result.errors.empty()) return result;
  const ScheduleDefinition& old = before->definition;
  const bool sameTimes = old.cronExpression == definition.cronExpression &&
                         old.timeZone == definition.timeZone && old.enabled == definition.enabled;
  const auto next = sameTimes ? before->nextFireOn : nextOf(definition, clock_.now());
  switch (schedules_.changeSchedule(id, definition, next)) {
    case ScheduleChange::Changed:
      break;
    case ScheduleChange::NameTaken:
      refuseName(result);
      break;
    case ScheduleChange::NoSuchSchedule:
      result.id.reset();
      break;
  }
  return result;
}

std::optional<Schedules::Switched> Schedules::setEnabled(int id, bool enabled) {
  auto schedule = schedules_.findSchedule(id);
  if (!schedule) return std::nullopt;
  if (schedule->definition.enabled == enabled) return Switched{false};
  schedule->definition.enabled = enabled;
  const auto next = nextOf(schedule->definition, clock_.now());
  if (schedules_.changeSchedule(id, schedule->definition, next) == ScheduleChange::NoSuchSchedule)
    return std::nullopt;
  return Switched{true};
}

bool Schedules::remove(int id) {
  return schedules_.removeSchedule(id);
}

std::optional<AddedTask> Schedules::fire(int id) {
  const auto schedule = schedules_.findSchedule(id);
  if (!schedule) return std::nullopt;
  const auto handler = handlers_.findHandler(schedule->definition.taskHandlerClass);
  const FiringResult result = schedules_.fireSchedule(
      planFiringByHand(*schedule, clock_.now(), handler ? handler->settings : HandlerSettings()));
  return result.done ? std::optional(result.tasks.at(0)) : std::nullopt;
}

std::vector<UnixSeconds> Schedules::preview(const ScheduleDefinition& definition, int count) {
  std::vector<UnixSeconds> instants;
  const auto times = parseFiringTimes(definition);
  const auto* known = std::get_if<FiringTimes>(&times);
  if (known == nullptr) return instants;
  auto next = known->after(clock_.now());
  for (; next && static_cast<int>(instants.size()) < count; next = known->after(*next))
    instants.push_back(*next);
  return instants;
}

}  // namespace taskqueue
