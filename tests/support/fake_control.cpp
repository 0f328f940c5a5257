// The fake store: control functions, and the overseer's functions.
#include <algorithm>
#include <set>

#include "module/queue/due_task.h"
#include "tests/support/fake_output.h"
#include "tests/support/fake_store.h"

namespace taskqueue::test_support {
namespace {

bool isOver(RunStatus status) {
  return status == RunStatus::Success || status == RunStatus::Cancelled;
}

}  // namespace

FakeRun* FakeTables::openRunOf(int taskQueueId) {
  for (auto& [id, row] : runs) {
    if (row.run.taskQueueId == taskQueueId && isOpen(row.run.status)) return &row;
  }
  return nullptr;
}

CancelOutcome FakeTasks::cancelTask(int id) {
  const auto found = tables_.tasks.find(id);
  if (found == tables_.tasks.end()) return CancelOutcome::NoSuchTask;
  FakeTask& row = found->second;
  FakeRun* open = tables_.openRunOf(id);
  if (open != nullptr && open->run.status == RunStatus::Running) {
    if (!open->run.cancelRequestedOn) open->run.cancelRequestedOn = tables_.now;
    tables_.record("cancel", id, "", "asked of its runner");
    return CancelOutcome::Requested;
  }
  if (open != nullptr) {
    open->run.status = RunStatus::Cancelled;
    open->run.finishedOn = tables_.now;
  }
  const bool waits = row.task.nextRunOn || !row.task.parkedReason.empty();
  if (open == nullptr && (!waits || isOver(row.task.lastStatus))) return CancelOutcome::AlreadyEnded;
  row.task.lastStatus = RunStatus::Cancelled;
  row.task.nextRunOn.reset();
  row.task.parkedReason.clear();
  row.activeKey.reset();
  tables_.notifyCompleted(id);
  tables_.record("cancel", id);
  return CancelOutcome::Cancelled;
}

RetryOutcome FakeTasks::retryTask(int id, std::optional<RunStatus> onlyIf) {
  const auto found = tables_.tasks.find(id);
  if (found == tables_.tasks.end()) return RetryOutcome::NoSuchTask;
  FakeTask& row = found->second;
  FakeRun* open = tables_.openRunOf(id);
  if (open != nullptr && open->run.status == RunStatus::Running) return RetryOutcome::StillRunning;
  if (onlyIf && row.task.lastStatus != *onlyIf) return RetryOutcome::StatusChanged;
  for (auto& [otherId, other] : tables_.tasks) {
    if (otherId == id || !row.task.uniqueKey || other.activeKey != row.task.uniqueKey) continue;
    const bool isOver =
        other.task.lastStatus == RunStatus::Success && other.uniqueUntil.value_or(0) <= tables_.now;
    if (!isOver) return RetryOutcome::KeyTaken;
    other.activeKey.reset();
  }
  tables_.record("retry", id, "", "it was " + std::string(toString(row.task.lastStatus)));
  const bool keepsTime = row.task.lastStatus == RunStatus::Cancelled;
  row.task.lastStatus = RunStatus::Scheduled;
  row.task.nextRunOn = keepsTime ? std::max(row.task.scheduledOn.value_or(0), tables_.now) : tables_.now;
  row.task.taskRunsFailed = 0;
  row.task.parkedReason.clear();
  row.activeKey = row.task.uniqueKey;
  row.task.superseded = false;
  row.notify.taskId.reset();
  row.forgivenAttempt = tables_.lastAttemptOf(id, /*endedOnly=*/true);
  if (open == nullptr && *row.task.nextRunOn == tables_.now) tables_.addRun(id, RunStatus::Scheduled);
  if (open != nullptr) open->run.cancelRequestedOn.reset();
  return RetryOutcome::Scheduled;
}

ChangeOutcome FakeTasks::changeTask(int id, const TaskChange& change,
                                    const std::optional<std::string>& onlyIf) {
  const auto found = tables_.tasks.find(id);
  if (found == tables_.tasks.end()) return ChangeOutcome::NoSuchTask;
  Task& task = found->second.task;
  const FakeRun* open = tables_.openRunOf(id);
  if (open != nullptr && open->run.status == RunStatus::Running) return ChangeOutcome::Running;
  if (!task.nextRunOn && task.parkedReason.empty()) return ChangeOutcome::Ended;
  if (onlyIf && versionOf(task) != *onlyIf) return ChangeOutcome::VersionDiffers;
  const TaskChange wanted = withoutSame(change, task);
  if (isEmpty(wanted)) return ChangeOutcome::Changed;
  if (wanted.maxRetries && *wanted.maxRetries <= task.taskRunsFailed) return ChangeOutcome::TooFewTries;
  tables_.record("change", id, "", describeChange(task, wanted));
  task = changed(task, wanted, tables_.now);
  return ChangeOutcome::Changed;
}

// ── the overseer ───────────────────────────────────────────────────────────────────────────────────────────

// Rule 2.
bool FakeTables::mayHaveRun(const FakeTask& row) const {
  const auto due = dueOn(row.task, now);
  return due && *due <= now;
}

std::vector<int> FakeMaintenance::findTasksMissingRun(int limit) {
  std::vector<std::pair<UnixSeconds, int>> found;
  for (const auto& [id, row] : tables_.tasks) {
    const bool missing = tables_.mayHaveRun(row) && row.task.lastStatus != RunStatus::Running &&
                         tables_.openRunOf(id) == nullptr;
    if (missing) found.emplace_back(*row.task.nextRunOn, id);
  }
  std::sort(found.begin(), found.end());
  std::vector<int> ids;
  for (const auto& [due, id] : found) ids.push_back(id);
  ids.resize(std::min<std::size_t>(ids.size(), static_cast<std::size_t>(limit)));
  return ids;
}

std::optional<int> FakeMaintenance::createRunIfAllowed(int taskQueueId) {
  const auto found = tables_.tasks.find(taskQueueId);
  if (found == tables_.tasks.end() || !tables_.mayHaveRun(found->second) ||
      tables_.openRunOf(taskQueueId) != nullptr)
    return std::nullopt;
  Task& task = found->second.task;
  task.lastStatus = RunStatus::Scheduled;
  if (task.scheduledOn.value_or(0) <= 0 && task.queuedOn.value_or(0) <= 0) task.queuedOn = tables_.now;
  return tables_.addRun(taskQueueId, RunStatus::Scheduled).run.id;
}

int FakeTables::lastAttemptOf(int taskQueueId, bool endedOnly) const {
  int last = 0;
  for (const auto& [id, row] : runs) {
    const bool counts = row.run.taskQueueId == taskQueueId && !(endedOnly && isOpen(row.run.status));
    if (counts) last = std::max(last, row.run.attempt);
  }
  return last;
}

FakeRun& FakeTables::addRun(int taskQueueId, RunStatus status) {
  FakeRun row;
  row.run.id = runs.empty() ? 1 : runs.rbegin()->first + 1;
  row.run.taskQueueId = taskQueueId;
  row.run.attempt = lastAttemptOf(taskQueueId, /*endedOnly=*/false) + 1;
  row.run.status = status;
  return runs[row.run.id] = row;
}

std::vector<int> FakeRunners::findEndedRunnersWithRuns(int limit) {
  std::set<int> ids;
  for (const auto& [id, row] : tables_.runs) {
    if (row.run.status != RunStatus::Running || !row.run.taskRunnerId) continue;
    const auto runner = tables_.runners.find(*row.run.taskRunnerId);
    if (runner == tables_.runners.end() || runner->second.runner.status != RunnerStatus::Running) {
      ids.insert(*row.run.taskRunnerId);
    }
  }
  std::vector<int> found(ids.begin(), ids.end());
  found.resize(std::min(found.size(), static_cast<std::size_t>(limit)));
  return found;
}

// True when its task has ended and no other run has the status of the task.
bool FakeTables::isOldCopy(const Run& run, const Task& task) {
  const std::vector<Run> all = runsOf(task.id);
  return !isOpen(task.lastStatus) && std::none_of(all.begin(), all.end(), [&](const Run& other) {
    return other.id != run.id && other.status == task.lastStatus;
  });
}

bool FakeRunners::timeOutRunner(int taskRunnerId, const RescuePolicy& policy) {
  const auto found = tables_.runners.find(taskRunnerId);
  bool changed = false;
  std::vector<int> freed;
  if (found != tables_.runners.end() && found->second.runner.status == RunnerStatus::Running) {
    found->second.runner.status = RunnerStatus::Timeout;
    found->second.runner.finishedOn = tables_.now;
    changed = true;
  }
  for (auto& [id, row] : tables_.runs) {
    if (row.run.taskRunnerId != taskRunnerId || row.run.status != RunStatus::Running) continue;
    const auto task = tables_.tasks.find(row.run.taskQueueId);
    if (task != tables_.tasks.end() && tables_.isOldCopy(row.run, task->second.task)) {
      tables_.release(row, {});
      freed.push_back(row.run.taskQueueId);
      changed = true;
      continue;
    }
    RunEnd end;
    end.percentsCompleted = row.run.percentsCompleted;
    end.progressNote = row.run.progressNote;
    end.runMs = (tables_.now - row.run.startedOn.value_or(tables_.now)) * 1000;
    end.standardOutput = keptOf(piecesOf(row.chunks, OutputStream::StandardOutput));
    end.errorOutput = keptOf(piecesOf(row.chunks, OutputStream::ErrorOutput));
    RescuedRun rescued;
    rescued.taskRunnerId = taskRunnerId;
    rescued.cancelRequested = row.run.cancelRequestedOn.has_value();
    if (task != tables_.tasks.end()) {
      rescued.taskRunsFailed = task->second.task.taskRunsFailed;
      for (const Run& earlier : tables_.runsOf(task->first)) {
        const bool counts =
            earlier.attempt > task->second.forgivenAttempt && earlier.errorCode == kRunnerDiedCode;
        if (counts && earlier.attempt < row.run.attempt) ++rescued.earlierRunnerDeaths;
      }
      for (const FakeAnnouncement& announced : tables_.announcements) {
        if (announced.runnerId == taskRunnerId &&
            announced.handler.taskHandlerClass == task->second.task.taskHandlerClass)
          rescued.handler = announced.handler.settings;
      }
    }
    judgeRescue(end, rescued, policy, 0);
    tables_.endRun(row, end);
    tables_.notifyCompleted(row.run.taskQueueId);
    freed.push_back(row.run.taskQueueId);
    count(Counter::RescuedRuns, 1);
    changed = true;
  }
  tables_.unparkFreedKeys(freed);
  return changed;
}

}  // namespace taskqueue::test_support
