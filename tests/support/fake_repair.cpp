// The fake store: the repair of rows that an editor has restored.
#include <algorithm>
#include <set>

#include "module/queue/due_task.h"
#include "tests/support/fake_store.h"

namespace taskqueue::test_support {

bool FakeTables::isKeyHeld(const Task& task) {
  return std::any_of(tasks.begin(), tasks.end(), [&](const auto& other) {
    const FakeRun* open = openRunOf(other.first);
    return other.second.task.taskHandlerClass == task.taskHandlerClass &&
           other.second.task.concurrencyKey == task.concurrencyKey && open != nullptr &&
           open->run.status == RunStatus::Running;
  });
}

namespace {

// True when it was released because its task was missing, more than an hour ago.
bool isOrphanedFor(const FakeRun& row, UnixSeconds now) {
  constexpr UnixSeconds kHour = 3600;
  return row.run.status == RunStatus::Scheduled && row.run.startedOn && *row.run.startedOn < now - kHour;
}

}  // namespace

std::vector<int> FakeMaintenance::findInconsistentTasks(int limit) {
  std::set<int> ids;
  for (const auto& [id, row] : tables_.runs) {
    const auto owner = tables_.tasks.find(row.run.taskQueueId);
    const bool waits = owner != tables_.tasks.end() && !owner->second.task.nextRunOn &&
                       owner->second.task.parkedReason.empty();
    const bool ended = !isOpen(row.run.status) && !row.run.finishedOn;
    const bool ofNobody = row.run.status == RunStatus::Running && !row.run.taskRunnerId;
    const bool isOrphaned = owner == tables_.tasks.end() && isOrphanedFor(row, tables_.now);
    if (ended || ofNobody || isOrphaned || (row.run.status == RunStatus::Scheduled && waits))
      ids.insert(row.run.taskQueueId);
  }
  for (const auto& [id, row] : tables_.tasks) {
    const bool waits = row.task.lastStatus == RunStatus::Running && !row.task.nextRunOn;
    if (waits && tables_.openRunOf(id) == nullptr) ids.insert(id);
  }
  for (const auto& [id, row] : tables_.tasks) {
    const Task& task = row.task;
    if (task.parkedReason == kNoRunnerReason + task.taskHandlerClass &&
        tables_.countOffering(task.taskHandlerClass) > 0)
      ids.insert(id);
  }
  for (const auto& [id, row] : tables_.tasks) {
    const Task& task = row.task;
    const bool waits = task.parkedReason.starts_with(kKeyAtLimitReason);
    const auto max = tables_.handlerLimits.find(task.taskHandlerClass);
    if (!waits || max == tables_.handlerLimits.end() || max->second.maxRunningPerKey == 0) continue;
    if (!tables_.isKeyHeld(task)) ids.insert(id);
  }
  std::vector<int> found(ids.begin(), ids.end());
  found.resize(std::min(found.size(), static_cast<std::size_t>(limit)));
  return found;
}

bool FakeMaintenance::recountTask(int taskQueueId) {
  const auto found = tables_.tasks.find(taskQueueId);
  bool closed = false;  // another process has ended the open run
  for (auto& [id, row] : tables_.runs) {
    if (row.run.taskQueueId != taskQueueId || isOpen(row.run.status) || row.run.finishedOn) continue;
    row.run.finishedOn = tables_.now;
    closed = true;
  }
  if (found == tables_.tasks.end()) {
    for (auto& [id, row] : tables_.runs) {
      if (row.run.taskQueueId != taskQueueId || !isOrphanedFor(row, tables_.now)) continue;
      row.run.status = RunStatus::Cancelled;
      row.run.finishedOn = tables_.now;
    }
    return false;
  }
  for (auto& [id, row] : tables_.runs) {
    if (row.run.taskQueueId != taskQueueId || row.run.status != RunStatus::Running || row.run.taskRunnerId)
      continue;
    row.run.status = RunStatus::Scheduled;
    row.run.startedOn.reset();
    row.run.percentsCompleted = 0;
    row.token.clear();
  }
  const std::vector<Run> all = tables_.runsOf(taskQueueId);
  Task& task = found->second.task;
  const bool waitsForItsRun = !task.nextRunOn && task.parkedReason.empty();
  const bool handlerIsBack =
      task.parkedReason.starts_with(kNoRunnerReason) && tables_.countOffering(task.taskHandlerClass) > 0;
  if (handlerIsBack || (task.parkedReason.starts_with(kKeyAtLimitReason) && !tables_.isKeyHeld(task))) {
    task.nextRunOn = tables_.now;
    task.parkedReason.clear();
  }
  const auto closeScheduledRun = [&] {
    FakeRun* open = tables_.openRunOf(taskQueueId);
    if (!waitsForItsRun || open == nullptr || open->run.status != RunStatus::Scheduled) return;
    open->run.status = RunStatus::Cancelled;
    open->run.finishedOn = tables_.now;
  };
  if (task.lastStatus == RunStatus::Cancelled) {
    closeScheduledRun();
    tables_.notifyCompleted(taskQueueId);
    return true;
  }
  const RunStatus before = task.lastStatus;
  const bool retried = before == RunStatus::Scheduled && !waitsForItsRun && !all.empty() &&
                       all.back().attempt <= found->second.forgivenAttempt;
  task.lastStatus = all.empty() || retried ? RunStatus::Scheduled : all.back().status;
  task.taskRunsFailed = 0;
  for (auto run = all.rbegin(); run != all.rend(); ++run) {
    if (run->status == RunStatus::Success || run->attempt <= found->second.forgivenAttempt) break;
    if (isFailure(run->status)) ++task.taskRunsFailed;
  }
  const bool isLeftBehind = waitsForItsRun && task.lastStatus != RunStatus::Running &&
                            (closed || task.lastStatus == RunStatus::Scheduled || isOpen(before));
  if (!isLeftBehind) {
    closeScheduledRun();
    tables_.notifyCompleted(taskQueueId);
    return true;
  }
  const bool again = task.lastStatus == RunStatus::Scheduled ||
                     (isFailure(task.lastStatus) && task.taskRunsFailed < task.maxRetries);
  task.nextRunOn = again ? std::optional(tables_.now) : std::nullopt;
  if (!again) {
    found->second.activeKey.reset();
    closeScheduledRun();
  }
  tables_.notifyCompleted(taskQueueId);
  return true;
}

}  // namespace taskqueue::test_support
