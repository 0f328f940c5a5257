#include "module/store/open_runs.h"

#include "module/store/due_on.h"

namespace taskqueue::store {
namespace {

// Served by the primary key; the row lock orders this against claims and finishes.
const Sql kLockTask{"lock-task", R"(
  SELECT t.LastStatus, t.NextRunOn IS NOT NULL OR t.ParkedReason <> '', {is_due} AND {may_run_again}
  FROM {TaskQueue} t
  WHERE t.Id = ?
  FOR UPDATE
)"};

// Served by the unique key OpenTaskQueueId.
const Sql kFindOpenRun{"find-open-run", R"(
  SELECT Id, Status
  FROM {TaskRuns} FORCE INDEX (OpenTaskQueueId)
  WHERE OpenTaskQueueId = ?
  FOR UPDATE
)"};

// Served by the index TaskQueueId (TaskQueueId, Attempt).
const Sql kScheduleRun{"schedule-run", R"(
  INSERT INTO {TaskRuns} (TaskQueueId, OpenTaskQueueId, Attempt, Status)
  SELECT ?, ?,
    (
      SELECT LEAST(COALESCE(MAX(r.Attempt), 0), 2147483646) + 1
      FROM {TaskRuns} r
      WHERE r.TaskQueueId = ?
    ),
    'scheduled'
  FROM DUAL
  RETURNING Id
)"};

}  // namespace

std::optional<LockedTask> lockTask(Connection& connection, int taskQueueId) {
  auto rows = connection.query(kLockTask, {std::int64_t{taskQueueId}});
  if (rows.empty()) return std::nullopt;
  LockedTask task;
  task.lastStatus = parseRunStatus(rows.front().text());
  task.waits = rows.front().integer() == 1;
  task.mayRunNow = rows.front().integer() == 1;
  return task;
}

std::optional<OpenRun> lockOpenRun(Connection& connection, int taskQueueId) {
  auto rows = connection.query(kFindOpenRun, {std::int64_t{taskQueueId}});
  if (rows.empty()) return std::nullopt;
  const int id = rows.front().number();
  return OpenRun{id, rows.front().text() == toString(RunStatus::Running)};
}

int scheduleRun(Connection& connection, int taskQueueId) {
  const std::int64_t key = taskQueueId;
  return connection.query(kScheduleRun, {key, key, key}).at(0).number();
}

}  // namespace taskqueue::store
