#include "module/store/columns.h"

namespace taskqueue::store {
namespace {

// A row written by hand may hold any word. An unknown word counts as `scheduled`: nothing was tried yet.
RunStatus statusOf(const std::string& word) {
  return parseRunStatus(word).value_or(RunStatus::Scheduled);
}

}  // namespace

Task readTask(Row& row) {
  Task task;
  task.id = row.number();
  task.taskHandlerClass = row.text();
  task.taskData = row.text();
  task.scheduledOn = row.optionalInteger();
  task.queuedOn = row.optionalInteger();
  task.queuedById = row.number();
  task.lastStatus = statusOf(row.text());
  task.maxRetries = row.number();
  task.taskRunsFailed = row.number();
  task.queue = row.text();
  task.priority = row.number();
  task.nextRunOn = row.optionalInteger();
  task.uniqueKey = row.optionalText();
  task.concurrencyKey = row.optionalText();
  task.superseded = row.number() != 0;
  task.title = row.text();
  task.parkedReason = row.text();
  return task;
}

Run readRun(Row& row) {
  Run run;
  run.id = row.number();
  run.taskQueueId = row.number();
  run.attempt = row.number();
  run.startedOn = row.optionalInteger();
  run.finishedOn = row.optionalInteger();
  run.percentsCompleted = row.number();
  run.progressNote = row.text();
  run.results = row.optionalText();
  run.status = statusOf(row.text());
  run.errorCode = row.text();
  run.errorMessage = row.text();
  run.taskRunnerId = row.optionalNumber();
  run.cancelRequestedOn = row.optionalInteger();
  run.runMs = row.optionalInteger();
  run.use.exitStatus = row.optionalNumber();
  run.use.exitSignal = row.optionalNumber();
  run.use.userCpuMs = row.optionalInteger();
  run.use.systemCpuMs = row.optionalInteger();
  run.use.maxRssKb = row.optionalInteger();
  run.standardOutputBytes = row.integer();
  run.standardOutputDropped = row.integer();
  run.errorOutputBytes = row.integer();
  run.errorOutputDropped = row.integer();
  return run;
}

}  // namespace taskqueue::store
