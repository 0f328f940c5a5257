// Writes the result of an overseer pass for the scheduled-task endpoint and the command line.
#pragma once

#include "module/json/writer.h"
#include "module/queue/task_queue.h"

namespace taskqueue::json {

inline void writeProcessQueueResult(Writer& to, const ProcessQueueResult& result) {
  to.startObject().key("TimedOutRunners").startArray();
  for (const int id : result.timedOutRunners) to.value(id);
  to.endArray().member("RepairedTasks", result.repairedTasks);
  to.member("FiredSchedules", result.firings.fired).member("SkippedFirings", result.firings.skipped);
  to.member("MissedFirings", result.firings.missed);
  to.member("CreatedTaskRuns", result.createdTaskRuns);
  to.member("PrunedTasks", result.prunedTasks).endObject();
}

}  // namespace taskqueue::json
