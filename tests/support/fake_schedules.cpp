// FakeTaskStore: schedules and their firings.
#include <algorithm>

#include "tests/support/fake_task_store.h"

namespace taskqueue::test_support {

std::vector<Schedule> FakeTaskStore::findSchedules(int limit) {
  std::vector<Schedule> found;
  for (const auto& [id, schedule] : schedules) found.push_back(schedule);
  std::sort(found.begin(), found.end(),
            [](const Schedule& a, const Schedule& b) { return a.definition.name < b.definition.name; });
  if (found.size() > static_cast<std::size_t>(limit)) found.resize(static_cast<std::size_t>(limit));
  return found;
}

std::optional<Schedule> FakeTaskStore::findSchedule(int id) {
  const auto found = schedules.find(id);
  return found == schedules.end() ? std::nullopt : std::optional(found->second);
}

bool FakeTaskStore::isNameTaken(const std::string& name, int exceptId) const {
  return std::any_of(schedules.begin(), schedules.end(), [&](const auto& entry) {
    return entry.first != exceptId && entry.second.definition.name == name;
  });
}

std::optional<int> FakeTaskStore::addSchedule(const ScheduleDefinition& definition,
                                              std::optional<UnixSeconds> nextFireOn, int createdById) {
  if (isNameTaken(definition.name, 0)) return std::nullopt;
  Schedule schedule;
  schedule.id = ++lastScheduleId_;
  schedule.definition = definition;
  schedule.nextFireOn = nextFireOn;
  schedule.createdOn = now_;
  schedule.createdById = createdById;
  schedules[schedule.id] = schedule;
  record("add", std::nullopt, "schedule " + definition.name, summarize(definition));
  return schedule.id;
}

ScheduleChange FakeTaskStore::changeSchedule(int id, const ScheduleDefinition& definition,
                                             std::optional<UnixSeconds> nextFireOn) {
  const auto found = schedules.find(id);
  if (found == schedules.end()) return ScheduleChange::NoSuchSchedule;
  if (isNameTaken(definition.name, id)) return ScheduleChange::NameTaken;
  found->second.definition = definition;
  found->second.nextFireOn = nextFireOn;
  found->second.problem.clear();
  record("change", std::nullopt, "schedule " + definition.name, summarize(definition));
  return ScheduleChange::Changed;
}

bool FakeTaskStore::removeSchedule(int id) {
  const auto found = schedules.find(id);
  if (found == schedules.end()) return false;
  record("remove", std::nullopt, "schedule " + found->second.definition.name, "");
  firings.erase(id);
  schedules.erase(found);
  return true;
}

std::vector<Schedule> FakeTaskStore::findDueSchedules(UnixSeconds now, int limit) {
  std::vector<Schedule> due;
  for (const auto& [id, schedule] : schedules) {
    if (schedule.definition.enabled && schedule.nextFireOn && *schedule.nextFireOn <= now)
      due.push_back(schedule);
  }
  std::stable_sort(due.begin(), due.end(),
                   [](const Schedule& a, const Schedule& b) { return a.nextFireOn < b.nextFireOn; });
  if (due.size() > static_cast<std::size_t>(limit)) due.resize(static_cast<std::size_t>(limit));
  return due;
}

FiringResult FakeTaskStore::fireSchedule(const FiringPlan& plan) {
  const auto found = schedules.find(plan.taskScheduleId);
  if (found == schedules.end()) return {};
  Schedule& schedule = found->second;
  if (plan.due && (!schedule.definition.enabled || schedule.nextFireOn != plan.due)) return {};
  std::vector<ScheduleFiring>& record = firings[schedule.id];
  const auto add = [&](std::optional<UnixSeconds> instant, FiringOutcome outcome) -> ScheduleFiring* {
    const bool isKnown =
        instant && std::any_of(record.begin(), record.end(),
                               [&](const ScheduleFiring& firing) { return firing.fireOn == instant; });
    if (isKnown) return nullptr;
    return &record.emplace_back(
        ScheduleFiring{.id = ++lastFiringId_, .fireOn = instant, .firedOn = now_, .outcome = outcome});
  };
  FiringResult result{.done = true, .tasks = {}};
  for (const NewTask& task : plan.tasks) {
    ScheduleFiring* firing = add(plan.due ? task.scheduledOn : std::nullopt, FiringOutcome::Fired);
    if (firing == nullptr) continue;
    const AddedTask added = insertTasks(std::span(&task, 1), std::nullopt).tasks.at(0);
    firing->outcome = added.created ? FiringOutcome::Fired : FiringOutcome::Skipped;
    firing->taskQueueId = added.id;
    if (added.created) schedule.lastFiredOn = task.scheduledOn;
    if (added.created) schedule.lastTaskQueueId = added.id;
    result.tasks.push_back(added);
  }
  if (plan.firstMissed) {
    if (ScheduleFiring* missed = add(plan.firstMissed, FiringOutcome::Missed); missed != nullptr)
      missed->missedCount = plan.missedCount;
  }
  if (!plan.due) return result;
  schedule.nextFireOn = plan.nextFireOn;
  schedule.problem = plan.problem;
  return result;
}

std::vector<ScheduleFiring> FakeTaskStore::firingsOfSchedule(int id, int limit) {
  std::vector<ScheduleFiring> found = firings[id];
  std::reverse(found.begin(), found.end());
  if (found.size() > static_cast<std::size_t>(limit)) found.resize(static_cast<std::size_t>(limit));
  return found;
}

void FakeTaskStore::markFallbackPass() {
  standInPassedOn_ = now_;
}

OverseerFacts FakeTaskStore::findOverseerFacts() {
  OverseerFacts facts{
      .now = now_, .overseerPassedOn = overseerMarkedOn_, .fallbackPassedOn = standInPassedOn_};
  for (const auto& [id, schedule] : schedules) {
    if (!schedule.definition.enabled) continue;
    ++facts.schedules;
    if (!schedule.problem.empty()) ++facts.brokenSchedules;
    const auto next = schedule.nextFireOn;
    if (next && *next != kUnscheduled && (!facts.earliestFireOn || *next < *facts.earliestFireOn))
      facts.earliestFireOn = next;
  }
  return facts;
}

}  // namespace taskqueue::test_support
