// Cancels and retries tasks.
#include "module/store/runners/completion_notices.h"
#include "module/store/runners/open_runs.h"
#include "module/store/tasks/maria_tasks.h"

namespace taskqueue::store {
namespace {

// Served by the primary key.
const Sql kRequestCancel{"request-cancel", R"(
  UPDATE {TaskRuns} FORCE INDEX (PRIMARY)
  SET CancelRequestedOn = COALESCE(CancelRequestedOn, UNIX_TIMESTAMP())
  WHERE Id = ? AND Status = 'running'
)"};
const Sql kCancelScheduledRun{"cancel-scheduled-run", R"(
  UPDATE {TaskRuns} FORCE INDEX (PRIMARY)
  SET
    Status = 'cancelled',
    OpenTaskQueueId = NULL,
    FinishedOn = UNIX_TIMESTAMP()
  WHERE Id = ? AND Status = 'scheduled'
)"};
const Sql kCancelTask{"cancel-task", R"(
  UPDATE {TaskQueue} FORCE INDEX (PRIMARY)
  SET
    LastStatus = 'cancelled',
    NextRunOn = NULL,
    ActiveKey = NULL,
    ParkedReason = ''
  WHERE Id = ?
)"};

// The failures so far are forgiven up to the newest attempt that has ended. A cancelled task keeps the time for
// which it was scheduled. NextRunOn comes first because it reads the former LastStatus. Served by the primary
// key, the inner select by TaskQueueId (TaskQueueId, Attempt).
const Sql kStartAnew{"start-anew", R"(
  UPDATE {TaskQueue} FORCE INDEX (PRIMARY)
  SET
    NextRunOn = IF(
      LastStatus = 'cancelled' AND ScheduledOn > UNIX_TIMESTAMP(),
      ScheduledOn,
      UNIX_TIMESTAMP()
    ),
    LastStatus = 'scheduled',
    TaskRunsFailed = 0,
    ActiveKey = UniqueKey,
    Superseded = 0,
    ParkedReason = '',
    NotificationTaskId = NULL,
    ForgivenAttempt = (
      SELECT COALESCE(MAX(r.Attempt), 0)
      FROM {TaskRuns} r
      WHERE r.TaskQueueId = {TaskQueue}.Id AND r.OpenTaskQueueId IS NULL
    )
  WHERE Id = ?
)"};

// A task that has succeeded gives up the key of the retried task once its UniqueUntil is over. Served by the
// primary key and the unique key ActiveKey.
const Sql kFreeKeyOfEndedWindow{"free-key-of-ended-window", R"(
  UPDATE {TaskQueue} t FORCE INDEX (PRIMARY)
  STRAIGHT_JOIN {TaskQueue} o FORCE INDEX (ActiveKey) ON o.ActiveKey = t.UniqueKey
  SET o.ActiveKey = NULL
  WHERE t.Id = ?
    AND o.Id <> t.Id
    AND o.LastStatus = 'success'
    AND COALESCE(o.UniqueUntil, 0) <= UNIX_TIMESTAMP()
)"};

// A retry withdraws the cancel request of a scheduled run. Served by the unique key OpenTaskQueueId.
const Sql kClearCancelRequest{"clear-cancel-request", R"(
  UPDATE {TaskRuns} FORCE INDEX (OpenTaskQueueId)
  SET CancelRequestedOn = NULL
  WHERE OpenTaskQueueId = ? AND Status = 'scheduled'
)"};

bool hasEnded(std::optional<RunStatus> status) {
  return status == RunStatus::Success || status == RunStatus::Cancelled;
}

}  // namespace

CancelOutcome MariaTasks::cancelTask(int id) {
  return context_.inTransaction([&] {
    const auto task = lockTask(connection_, id);
    if (!task) return CancelOutcome::NoSuchTask;
    const auto open = lockOpenRun(connection_, id);
    if (open && open->isRunning) {
      connection_.execute(kRequestCancel, {open->id});
      context_.record("cancel", id, "", "asked of its runner");
      return CancelOutcome::Requested;
    }
    if (!open && (!task->waits || hasEnded(task->lastStatus))) return CancelOutcome::AlreadyEnded;
    if (open) connection_.execute(kCancelScheduledRun, {open->id});
    connection_.execute(kCancelTask, {id});
    notifyCompleted(connection_, {id});
    context_.record("cancel", id, "");
    return CancelOutcome::Cancelled;
  });
}

RetryOutcome MariaTasks::retryTask(int id, std::optional<RunStatus> onlyIf) {
  try {
    return context_.inTransaction([&] {
      const std::int64_t key = id;
      const auto task = lockTask(connection_, id);
      if (!task) return RetryOutcome::NoSuchTask;
      const auto open = lockOpenRun(connection_, id);
      if (open && open->isRunning) return RetryOutcome::StillRunning;
      if (onlyIf && task->lastStatus != onlyIf) return RetryOutcome::StatusChanged;
      connection_.execute(kFreeKeyOfEndedWindow, {key});
      connection_.execute(kStartAnew, {key});
      if (open) {
        connection_.execute(kClearCancelRequest, {key});
      } else if (task->lastStatus != RunStatus::Cancelled || lockTask(connection_, id)->mayRunNow) {
        scheduleRun(connection_, id);  // a run is made only of a task that is due
      }
      const auto before = task->lastStatus;
      context_.record("retry", id, "", before ? "it was " + std::string(toString(*before)) : "");
      return RetryOutcome::Scheduled;
    });
  } catch (const StoreError& error) {
    if (error.kind() != StoreError::Kind::Conflict) throw;
    return RetryOutcome::KeyTaken;
  }
}

}  // namespace taskqueue::store
