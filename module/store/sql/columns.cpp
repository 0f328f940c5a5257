#include "module/store/sql/columns.h"

namespace taskqueue::store {

Task readTask(Row& row) {
  Task task;
  row.next(task.id, task.taskHandlerClass, task.taskData, task.scheduledOn, task.queuedOn, task.queuedById,
           task.lastStatus, task.maxRetries, task.taskRunsFailed, task.queue, task.priority, task.nextRunOn,
           task.uniqueKey, task.concurrencyKey, task.superseded, task.title, task.parkedReason);
  return task;
}

Run readRun(Row& row) {
  Run run;
  row.next(run.id, run.taskQueueId, run.attempt, run.startedOn, run.finishedOn, run.percentsCompleted,
           run.progressNote, run.results, run.status, run.errorCode, run.errorMessage, run.taskRunnerId,
           run.cancelRequestedOn, run.runMs, run.use.exitStatus, run.use.exitSignal, run.use.userCpuMs,
           run.use.systemCpuMs, run.use.maxRssKb, run.standardOutputBytes, run.standardOutputDropped,
           run.errorOutputBytes, run.errorOutputDropped);
  return run;
}

}  // namespace taskqueue::store
