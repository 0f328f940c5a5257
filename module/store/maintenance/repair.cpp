// Makes runs for the overseer, and repairs tasks after an editor restored old rows.
#include "module/queue/due_task.h"
#include "module/store/claim/concurrency_limits.h"
#include "module/store/maintenance/maria_maintenance.h"
#include "module/store/runners/completion_notices.h"
#include "module/store/runners/open_runs.h"
#include "module/store/sql/due_on.h"

namespace taskqueue::store {
namespace {

// A row without any date gets one, from which its wait is counted.
const Sql kMarkScheduled{"mark-scheduled", R"(
  UPDATE {TaskQueue} FORCE INDEX (PRIMARY)
  SET
    LastStatus = 'scheduled',
    QueuedOn = IF(ScheduledOn > 0 OR QueuedOn > 0, QueuedOn, UNIX_TIMESTAMP())
  WHERE Id = ?
)"};

// Served by the index NextRunOn and the unique key OpenTaskQueueId.
const Sql kFindMissingRuns{"find-missing-runs", R"(
  SELECT t.Id
  FROM {TaskQueue} t FORCE INDEX (NextRunOn)
  LEFT JOIN {TaskRuns} r FORCE INDEX (OpenTaskQueueId) ON r.OpenTaskQueueId = t.Id
  WHERE {is_due}
    AND t.LastStatus <> 'running'
    AND {may_run_again}
    AND r.Id IS NULL
  ORDER BY t.NextRunOn, t.Id
  LIMIT ?
)"};

// Reads the runs of a task, the newest first. Served by the index TaskQueueId (TaskQueueId, Attempt).
const Sql kRunsForRecount{"runs-for-recount", R"(
  SELECT r.Status, r.Attempt
  FROM {TaskRuns} r
  WHERE r.TaskQueueId = ?
  ORDER BY r.Attempt DESC, r.Id DESC
)"};

const Sql kTaskForRecount{"task-for-recount", R"(
  SELECT ForgivenAttempt, LastStatus, MaxRetries, NextRunOn IS NULL AND ParkedReason = '',
    ParkedReason, TaskHandlerClass, COALESCE(ConcurrencyKey, '')
  FROM {TaskQueue}
  WHERE Id = ?
  FOR UPDATE
)"};

// Served by the unique key OpenTaskQueueId.
const Sql kCloseEndedRun{"close-ended-run", R"(
  UPDATE {TaskRuns} FORCE INDEX (OpenTaskQueueId)
  SET
    OpenTaskQueueId = NULL,
    FinishedOn = COALESCE(FinishedOn, UNIX_TIMESTAMP())
  WHERE OpenTaskQueueId = ? AND Status NOT IN ('scheduled', 'running')
)"};

// The run will never start: its task was cancelled before the run was visible, or the run was restored under
// a task that has ended.
const Sql kCloseScheduledRun{"close-scheduled-run", R"(
  UPDATE {TaskRuns} FORCE INDEX (OpenTaskQueueId)
  SET
    Status = 'cancelled',
    OpenTaskQueueId = NULL,
    FinishedOn = UNIX_TIMESTAMP()
  WHERE OpenTaskQueueId = ? AND Status = 'scheduled'
)"};

// The run was released while its task's row was missing, and the row has not been restored.
const SqlPiece kOrphaned{"orphaned", R"(
  Status = 'scheduled' AND r.StartedOn < UNIX_TIMESTAMP() - 3600
)"};

const Sql kCloseOrphanedRun{"close-orphaned-run", R"(
  UPDATE {TaskRuns} r FORCE INDEX (OpenTaskQueueId)
  SET
    r.Status = 'cancelled',
    r.OpenTaskQueueId = NULL,
    r.FinishedOn = UNIX_TIMESTAMP()
  WHERE r.OpenTaskQueueId = ? AND r.{orphaned}
)"};

const Sql kReleaseOrphanedRun{"release-orphaned-run", R"(
  UPDATE {TaskRuns} FORCE INDEX (OpenTaskQueueId)
  SET
    Status = 'scheduled',
    RunToken = '',
    StartedOn = NULL,
    PercentsCompleted = 0
  WHERE OpenTaskQueueId = ?
    AND Status = 'running'
    AND TaskRunnerId IS NULL
)"};

const Sql kWriteRecount{"write-recount", R"(
  UPDATE {TaskQueue} FORCE INDEX (PRIMARY)
  SET LastStatus = ?, TaskRunsFailed = ?
  WHERE Id = ?
)"};

// The task becomes due, so that a claim checks its limit again.
const Sql kLookAgain{"look-again", R"(
  UPDATE {TaskQueue} FORCE INDEX (PRIMARY)
  SET NextRunOn = UNIX_TIMESTAMP(), ParkedReason = ''
  WHERE Id = ?
)"};

// These two serve a task that waits for a run that does not exist: it becomes due again, or it ends.
const Sql kWriteRecountAndWait{"write-recount-and-wait", R"(
  UPDATE {TaskQueue} FORCE INDEX (PRIMARY)
  SET
    LastStatus = ?,
    TaskRunsFailed = ?,
    NextRunOn = UNIX_TIMESTAMP()
  WHERE Id = ?
)"};

const Sql kWriteRecountAndEnd{"write-recount-and-end", R"(
  UPDATE {TaskQueue} FORCE INDEX (PRIMARY)
  SET
    LastStatus = ?,
    TaskRunsFailed = ?,
    NextRunOn = NULL,
    ActiveKey = NULL
  WHERE Id = ?
)"};

// Finds tasks that wait for a run that will never start, and tasks whose open run has ended: an editor
// restored old rows. It also finds parked tasks whose ConcurrencyKey is free, or whose handler was announced
// meanwhile. Served by the unique key OpenTaskQueueId, and by the indexes LastStatus and TaskHandlerClass.
const Sql kInconsistentTasks{"inconsistent-tasks", R"(
  SELECT r.OpenTaskQueueId
  FROM {TaskRuns} r FORCE INDEX (OpenTaskQueueId)
  LEFT JOIN {TaskQueue} t ON t.Id = r.OpenTaskQueueId
  WHERE r.OpenTaskQueueId IS NOT NULL
    AND (
      r.Status NOT IN ('scheduled', 'running')
      OR (r.Status = 'running' AND r.TaskRunnerId IS NULL)
      OR (r.Status = 'scheduled' AND t.NextRunOn IS NULL AND t.ParkedReason = '')
      OR (t.Id IS NULL AND r.{orphaned})
    )
  UNION
  SELECT t.Id
  FROM {TaskQueue} t FORCE INDEX (LastStatus)
  LEFT JOIN {TaskRuns} r FORCE INDEX (OpenTaskQueueId) ON r.OpenTaskQueueId = t.Id
  WHERE t.LastStatus = 'running'
    AND t.NextRunOn IS NULL
    AND r.Id IS NULL
  UNION
  SELECT p.Id
  FROM (
    SELECT t.TaskHandlerClass, t.ParkedReason, MIN(t.Id) AS Id
    FROM {TaskQueueLimits} l
    STRAIGHT_JOIN {TaskQueue} t FORCE INDEX (TaskHandlerClass)
      ON t.TaskHandlerClass = l.TaskHandlerClass
    WHERE l.MaxRunningPerKey > 0
      AND t.ParkedReason LIKE 'as many tasks are running as may of its key: %'
    GROUP BY t.TaskHandlerClass, t.ParkedReason
  ) p
  STRAIGHT_JOIN {TaskQueue} k FORCE INDEX (PRIMARY) ON k.Id = p.Id
  LEFT JOIN (
    SELECT DISTINCT o.TaskHandlerClass, o.ConcurrencyKey
    FROM {TaskRuns} r FORCE INDEX (OpenTaskQueueId)
    STRAIGHT_JOIN {TaskQueue} o ON o.Id = r.OpenTaskQueueId
    WHERE r.OpenTaskQueueId IS NOT NULL
      AND r.Status = 'running'
      AND o.ConcurrencyKey IS NOT NULL
  ) held
    ON held.TaskHandlerClass = k.TaskHandlerClass
    AND held.ConcurrencyKey = k.ConcurrencyKey
  WHERE held.ConcurrencyKey IS NULL
  UNION
  SELECT t.Id
  FROM {TaskRunners} n FORCE INDEX (Status)
  STRAIGHT_JOIN {TaskHandlers} h ON h.TaskRunnerId = n.Id AND h.WithdrawnOn IS NULL
  STRAIGHT_JOIN {TaskQueue} t FORCE INDEX (TaskHandlerClass)
    ON t.TaskHandlerClass = h.TaskHandlerClass
    AND t.ParkedReason = CONCAT('no runner knows the handler ', h.TaskHandlerClass)
  WHERE n.Status = 'running'
  LIMIT ?
)"};

// Finds a running runner that offers the class. Served by the index TaskHandlerClass.
const Sql kIsOffered{"is-handler-offered", R"(
  SELECT 1
  FROM {TaskHandlers} h
  JOIN {TaskRunners} n ON n.Id = h.TaskRunnerId
  WHERE h.TaskHandlerClass = ?
    AND h.WithdrawnOn IS NULL
    AND n.Status = 'running'
  LIMIT 1
)"};

}  // namespace

std::vector<int> MariaMaintenance::findTasksMissingRun(int limit) {
  std::vector<int> ids;
  for (Row& row : connection_.query(kFindMissingRuns, {limit})) ids.push_back(row.as<int>());
  return ids;
}

std::optional<int> MariaMaintenance::createRunIfAllowed(int taskQueueId) {
  return context_.inTransaction([&]() -> std::optional<int> {
    const auto task = lockTask(connection_, taskQueueId);
    if (!task || !task->mayRunNow) return std::nullopt;              // rule 2
    if (lockOpenRun(connection_, taskQueueId)) return std::nullopt;  // rule 1
    const int id = scheduleRun(connection_, taskQueueId);
    connection_.execute(kMarkScheduled, {taskQueueId});
    return id;
  });
}

std::vector<int> MariaMaintenance::findInconsistentTasks(int limit) {
  std::vector<int> ids;
  for (Row& row : connection_.query(kInconsistentTasks, {limit})) ids.push_back(row.as<int>());
  return ids;
}

bool MariaMaintenance::recountTask(int taskQueueId) {
  return context_.inTransaction([&] {
    const std::int64_t key = taskQueueId;
    auto tasks = connection_.query(kTaskForRecount, {key});
    const bool closed = connection_.execute(kCloseEndedRun, {key}) > 0;
    if (tasks.empty()) {
      connection_.execute(kCloseOrphanedRun, {key});
      return false;
    }
    connection_.execute(kReleaseOrphanedRun, {key});
    const auto [forgiven, current, maxRetries, waitsForItsRun, parkedReason, taskHandlerClass,
                concurrencyKey] =
        tasks.front().as<int, std::string, int, bool, std::string, std::string, std::string>();
    const bool waitsForKey = parkedReason.starts_with(kKeyAtLimitReason);
    const bool waitsForHandler = parkedReason.starts_with(kNoRunnerReason);
    if ((waitsForKey && !isKeyHeld(connection_, taskHandlerClass, concurrencyKey)) ||
        (waitsForHandler && !connection_.query(kIsOffered, {taskHandlerClass}).empty()))
      connection_.execute(kLookAgain, {key});
    std::string lastStatus;
    std::int64_t failed = 0;
    for (Row& row : connection_.query(kRunsForRecount, {key})) {
      const auto [word, attempt] = row.as<std::string, int>();
      const RunStatus status = parseRunStatus(word).value_or(RunStatus::Error);  // an unknown word
      if (lastStatus.empty()) {
        const bool retried = attempt <= forgiven && !waitsForItsRun;  // its claim makes the next run (LIFE-2)
        lastStatus =
            toString(retried && current == toString(RunStatus::Scheduled) ? RunStatus::Scheduled : status);
      }
      if (status == RunStatus::Success || attempt <= forgiven) break;
      if (isFailure(status)) ++failed;
    }
    // A task that was cancelled while it waited stays cancelled, although no run says so.
    if (current == toString(RunStatus::Cancelled)) {
      if (waitsForItsRun) connection_.execute(kCloseScheduledRun, {key});
      notifyCompleted(connection_, {taskQueueId});
      return true;
    }
    if (lastStatus.empty()) lastStatus = toString(RunStatus::Scheduled);
    const auto last = parseRunStatus(lastStatus);
    const auto before = parseRunStatus(current);
    const bool isLeftBehind = waitsForItsRun && last != RunStatus::Running &&
                              (closed || last == RunStatus::Scheduled || (before && isOpen(*before)));
    const bool again = last == RunStatus::Scheduled || (last && isFailure(*last) && failed < maxRetries);
    connection_.execute(!isLeftBehind ? kWriteRecount
                        : again       ? kWriteRecountAndWait
                                      : kWriteRecountAndEnd,
                        {lastStatus, failed, key});
    // An old run that was restored under a task that has ended will never start.
    const bool staysEnded = waitsForItsRun && !(isLeftBehind && again);
    if (staysEnded) connection_.execute(kCloseScheduledRun, {key});
    notifyCompleted(connection_, {taskQueueId});
    return true;
  });
}

}  // namespace taskqueue::store
