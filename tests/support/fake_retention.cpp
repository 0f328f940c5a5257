// The fake store: pruning.
#include <algorithm>

#include "module/queue/notification.h"
#include "tests/support/fake_store.h"

namespace taskqueue::test_support {
namespace {

// Removes old rows from a container, up to a limit.
template <typename Rows, typename IsOld>
int removeOld(Rows& rows, int max, IsOld isOld) {
  int removed = 0;
  for (auto row = rows.begin(); row != rows.end() && removed < max;) {
    if (!isOld(*row)) {
      ++row;
      continue;
    }
    row = rows.erase(row);
    ++removed;
  }
  return removed;
}

}  // namespace

bool FakeTables::hasEnded(const FakeTask& row) {
  return isFinal(row.task) && openRunOf(row.task.id) == nullptr;
}

bool FakeTables::mayBePruned(const FakeTask& row, UnixSeconds endedBefore) {
  const Task& task = row.task;
  const bool isChanged = std::any_of(audit.begin(), audit.end(), [&](const AuditEntry& entry) {
    return entry.taskQueueId == task.id && entry.changedOn >= endedBefore;
  });
  const bool isLastOfSchedule = std::any_of(schedules.begin(), schedules.end(), [&](const auto& entry) {
    return entry.second.lastTaskQueueId == task.id;
  });
  const bool hasLaterRun = std::any_of(runs.begin(), runs.end(), [&](const auto& entry) {
    return entry.second.run.taskQueueId == task.id && entry.second.run.finishedOn >= endedBefore;
  });
  return hasEnded(row) && task.queuedOn && *task.queuedOn < endedBefore &&
         task.scheduledOn.value_or(0) < endedBefore && !hasLaterRun && !isChanged && !isLastOfSchedule &&
         (!row.activeKey || row.uniqueUntil.value_or(0) <= now);
}

PrunedTasks FakeMaintenance::pruneTasks(UnixSeconds endedBefore, int max) {
  PrunedTasks pruned;
  for (auto row = tables_.tasks.begin(); row != tables_.tasks.end() && pruned.count < max;) {
    if (!tables_.mayBePruned(row->second, endedBefore)) {
      ++row;
      continue;
    }
    const int id = row->first;
    std::erase_if(tables_.runs, [&](const auto& entry) { return entry.second.run.taskQueueId == id; });
    row = tables_.tasks.erase(row);
    ++pruned.count;
  }
  pruned.more = pruned.count == max;
  return pruned;
}

int FakeMaintenance::pruneRecords(RecordKind kind, UnixSeconds before, int max) {
  switch (kind) {
    case RecordKind::RunFiles: {
      int removed = 0;
      for (auto& [id, row] : tables_.runs) {
        const auto task = tables_.tasks.find(row.run.taskQueueId);
        if (row.run.finishedOn >= before || (task != tables_.tasks.end() && !tables_.hasEnded(task->second)))
          continue;
        removed += removeOld(row.files, max - removed, [](const auto&) { return true; });
      }
      return removed;
    }
    case RecordKind::Checkpoints:
      return 0;
    case RecordKind::Requests:
      return removeOld(tables_.requests, max,
                       [&](const auto& entry) { return entry.second.createdOn < before; });
    case RecordKind::Firings: {
      int removed = 0;
      for (auto& [id, records] : tables_.firings) {
        removed += removeOld(records, max - removed,
                             [&](const ScheduleFiring& firing) { return firing.firedOn < before; });
      }
      return removed;
    }
    case RecordKind::Handlers:
      return removeOld(tables_.announcements, max, [&](const FakeAnnouncement& row) {
        const auto runner = tables_.runners.find(row.runnerId);
        const auto until = row.withdrawnOn                   ? row.withdrawnOn
                           : runner == tables_.runners.end() ? std::optional<UnixSeconds>(0)
                           : tables_.lives(row.runnerId)     ? std::nullopt
                                                             : runner->second.runner.finishedOn;
        return until && *until < before &&
               std::none_of(tables_.tasks.begin(), tables_.tasks.end(), [&](const auto& entry) {
                 return entry.second.task.taskHandlerClass == row.handler.taskHandlerClass &&
                        !entry.second.task.parkedReason.empty();
               });
      });
    case RecordKind::Runners:
      return removeOld(tables_.runners, max, [&](const auto& entry) {
        const Runner& runner = entry.second.runner;
        return runner.status != RunnerStatus::Running && runner.finishedOn < before &&
               tables_.activeRunsOf(entry.first).empty() &&
               std::none_of(tables_.announcements.begin(), tables_.announcements.end(),
                            [&](const FakeAnnouncement& row) { return row.runnerId == entry.first; });
      });
    case RecordKind::Changes:
      return removeOld(tables_.audit, max, [&](const AuditEntry& entry) { return entry.changedOn < before; });
  }
  return 0;
}

}  // namespace taskqueue::test_support
