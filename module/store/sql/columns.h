// Holds the column lists of tasks and runs, and reads a row of them.
#pragma once

#include "module/queue/run.h"
#include "module/queue/task.h"
#include "module/store/database/connection.h"

namespace taskqueue::store {

inline const SqlPiece kTaskColumns{"task_columns", R"(
  t.Id, t.TaskHandlerClass, t.TaskData, {further_task_columns}
)"};
// A list leaves out TaskData, which can be large: the member stays empty.
inline const SqlPiece kListedTaskColumns{"listed_task_columns", R"(
  t.Id, t.TaskHandlerClass, NULL, {further_task_columns}
)"};
inline const SqlPiece kFurtherTaskColumns{"further_task_columns", R"(
  t.ScheduledOn, t.QueuedOn, t.QueuedById, t.LastStatus, t.MaxRetries, t.TaskRunsFailed, t.Queue,
  t.Priority, t.NextRunOn, t.UniqueKey, t.ConcurrencyKey, t.Superseded, t.Title, t.ParkedReason
)"};

inline const SqlPiece kRunColumns{"run_columns", R"(
  r.Id, r.TaskQueueId, r.Attempt, r.StartedOn, r.FinishedOn, r.PercentsCompleted, r.ProgressNote,
  r.Results, r.Status, r.ErrorCode, r.ErrorMessage, r.TaskRunnerId, r.CancelRequestedOn,
  NULLIF(r.RunMs, -1), r.ExitStatus, r.ExitSignal, NULLIF(r.UserCpuMs, -1),
  NULLIF(r.SystemCpuMs, -1), NULLIF(r.MaxRssKb, -1), r.StandardOutputBytes,
  r.StandardOutputDropped, r.ErrorOutputBytes, r.ErrorOutputDropped
)"};

// An unknown status, written by hand, counts as `scheduled`: nothing was tried yet.
Task readTask(Row& row);
Run readRun(Row& row);

}  // namespace taskqueue::store
