// Holds the column lists of tasks and runs, and reads a row of them.
#pragma once

#include "module/queue/run.h"
#include "module/queue/task.h"
#include "module/store/connection.h"

namespace taskqueue::store {

#define TASKQUEUE_TASK_COLUMNS(data)                                                                   \
  "t.Id, t.TaskHandlerClass, " data                                                                    \
  ", t.ScheduledOn, t.QueuedOn, t.QueuedById, t.LastStatus, t.MaxRetries, t.TaskRunsFailed, t.Queue, " \
  "t.Priority, t.NextRunOn, t.UniqueKey, t.ConcurrencyKey, t.Superseded, t.Title, t.ParkedReason"

inline constexpr const char* kTaskColumns = TASKQUEUE_TASK_COLUMNS("t.TaskData");
// A list leaves out TaskData, which can be large: the member stays empty.
inline constexpr const char* kListedTaskColumns = TASKQUEUE_TASK_COLUMNS("NULL");

#undef TASKQUEUE_TASK_COLUMNS

inline constexpr const char* kRunColumns =
    "r.Id, r.TaskQueueId, r.Attempt, r.StartedOn, r.FinishedOn, r.PercentsCompleted, r.ProgressNote, "
    "r.Results, "
    "r.Status, r.ErrorCode, r.ErrorMessage, r.TaskRunnerId, r.CancelRequestedOn, r.RunMs, r.ExitStatus, "
    "r.ExitSignal, r.UserCpuMs, r.SystemCpuMs, r.MaxRssKb, r.StandardOutputBytes, r.StandardOutputDropped, "
    "r.ErrorOutputBytes, r.ErrorOutputDropped";

Task readTask(Row& row);
Run readRun(Row& row);

}  // namespace taskqueue::store
