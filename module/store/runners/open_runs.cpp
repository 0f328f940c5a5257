#include "module/store/runners/open_runs.h"

#include "module/store/sql/due_on.h"

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
  auto rows = connection.query(kLockTask, {taskQueueId});
  if (rows.empty()) return std::nullopt;
  const auto [status, waits, mayRunNow] = rows.front().as<std::string, bool, bool>();
  return LockedTask{parseRunStatus(status), waits, mayRunNow};
}

std::optional<OpenRun> lockOpenRun(Connection& connection, int taskQueueId) {
  auto rows = connection.query(kFindOpenRun, {taskQueueId});
  if (rows.empty()) return std::nullopt;
  const auto [id, status] = rows.front().as<int, RunStatus>();
  return OpenRun{id, status == RunStatus::Running};
}

int scheduleRun(Connection& connection, int taskQueueId) {
  return connection.query(kScheduleRun, {taskQueueId, taskQueueId, taskQueueId}).at(0).as<int>();
}

}  // namespace taskqueue::store
