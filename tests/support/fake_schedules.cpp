// The fake store: schedules and their firings.
#include <algorithm>

#include "tests/support/fake_store.h"

namespace taskqueue::test_support {

std::vector<Schedule> FakeSchedules::findSchedules(int limit) {
  std::vector<Schedule> found;
  for (const auto& [id, schedule] : tables_.schedules) found.push_back(schedule);
  std::sort(found.begin(), found.end(),
            [](const Schedule& a, const Schedule& b) { return a.definition.name < b.definition.name; });
  if (found.size() > static_cast<std::size_t>(limit)) found.resize(static_cast<std::size_t>(limit));
  return found;
}

std::optional<Schedule> FakeSchedules::findSchedule(int id) {
  const auto found = tables_.schedules.find(id);
  return found == tables_.schedules.end() ? std::nullopt : std::optional(found->second);
}

bool FakeTables::isNameTaken(const std::string& name, int exceptId) const {
  return std::any_of(schedules.begin(), schedules.end(), [&](const auto& entry) {
    return entry.first != exceptId && entry.second.definition.name == name;
  });
}

std::optional<int> FakeSchedules::addSchedule(const ScheduleDefinition& definition,
                                              std::optional<UnixSeconds> nextFireOn, int createdById) {
  if (tables_.isNameTaken(definition.name, 0)) return std::nullopt;
  Schedule schedule;
  schedule.id = ++tables_.lastScheduleId;
  schedule.definition = definition;
  schedule.nextFireOn = nextFireOn;
  schedule.createdOn = tables_.now;
  schedule.createdById = createdById;
  tables_.schedules[schedule.id] = schedule;
  tables_.record("add", std::nullopt, "schedule " + definition.name, summarize(definition));
  return schedule.id;
}

ScheduleChange FakeSchedules::changeSchedule(int id, const ScheduleDefinition& definition,
                                             std::optional<UnixSeconds> nextFireOn) {
  const auto found = tables_.schedules.find(id);
  if (found == tables_.schedules.end()) return ScheduleChange::NoSuchSchedule;
  if (tables_.isNameTaken(definition.name, id)) return ScheduleChange::NameTaken;
  found->second.definition = definition;
  found->second.nextFireOn = nextFireOn;
  found->second.problem.clear();
  tables_.record("change", std::nullopt, "schedule " + definition.name, summarize(definition));
  return ScheduleChange::Changed;
}

bool FakeSchedules::removeSchedule(int id) {
  const auto found = tables_.schedules.find(id);
  if (found == tables_.schedules.end()) return false;
  tables_.record("remove", std::nullopt, "schedule " + found->second.definition.name, "");
  tables_.firings.erase(id);
  tables_.schedules.erase(found);
  return true;
}

std::vector<Schedule> FakeSchedules::findDueSchedules(UnixSeconds now, int limit) {
  std::vector<Schedule> due;
  for (const auto& [id, schedule] : tables_.schedules) {
    if (schedule.definition.enabled && schedule.nextFireOn && *schedule.nextFireOn <= now)
      due.push_back(schedule);
  }
  std::stable_sort(due.begin(), due.end(),
                   [](const Schedule& a, const Schedule& b) { return a.nextFireOn < b.nextFireOn; });
  if (due.size() > static_cast<std::size_t>(limit)) due.resize(static_cast<std::size_t>(limit));
  return due;
}

FiringResult FakeSchedules::fireSchedule(const FiringPlan& plan) {
  const auto found = tables_.schedules.find(plan.taskScheduleId);
  if (found == tables_.schedules.end()) return {};
  Schedule& schedule = found->second;
  if (plan.due && (!schedule.definition.enabled || schedule.nextFireOn != plan.due)) return {};
  std::vector<ScheduleFiring>& records = tables_.firings[schedule.id];
  const auto add = [&](std::optional<UnixSeconds> instant, FiringOutcome outcome) -> ScheduleFiring* {
    const bool isKnown =
        instant && std::any_of(records.begin(), records.end(),
                               [&](const ScheduleFiring& firing) { return firing.fireOn == instant; });
    if (isKnown) return nullptr;
    return &records.emplace_back(ScheduleFiring{
        .id = ++tables_.lastFiringId, .fireOn = instant, .firedOn = tables_.now, .outcome = outcome});
  };
  FiringResult result{.done = true, .tasks = {}};
  for (const NewTask& task : plan.tasks) {
    ScheduleFiring* firing = add(plan.due ? task.scheduledOn : std::nullopt, FiringOutcome::Fired);
    if (firing == nullptr) continue;
    const AddedTask added = tables_.insert(std::span(&task, 1), std::nullopt).tasks.at(0);
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

std::vector<ScheduleFiring> FakeSchedules::firingsOfSchedule(int id, int limit) {
  std::vector<ScheduleFiring> found = tables_.firings[id];
  std::reverse(found.begin(), found.end());
  if (found.size() > static_cast<std::size_t>(limit)) found.resize(static_cast<std::size_t>(limit));
  for (ScheduleFiring& firing : found) {
    const auto task = firing.taskQueueId ? tables_.tasks.find(*firing.taskQueueId) : tables_.tasks.end();
    if (task == tables_.tasks.end()) continue;
    firing.taskStatus = task->second.task.lastStatus;
    for (const auto& [runId, row] : tables_.runs)
      if (row.run.taskQueueId == task->first) firing.runMs = row.run.runMs;
  }
  return found;
}

void FakeMaintenance::markFallbackPass() {
  tables_.fallbackPassedOn = tables_.now;
}

OverseerFacts FakeMaintenance::findOverseerFacts() {
  OverseerFacts facts{.now = tables_.now,
                      .overseerPassedOn = tables_.overseerMarkedOn,
                      .fallbackPassedOn = tables_.fallbackPassedOn};
  for (const auto& [id, schedule] : tables_.schedules) {
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
