#include "module/web/pages/values.h"

#include "module/web/pages/formats.h"

namespace taskqueue::web {
namespace {

using kainjow::mustache::data;

std::string whereItStands(const Task& task) {
  if (task.superseded && task.lastStatus == RunStatus::Running)
    return "A runner works on it; a newer task has taken its unique key, so that it is not tried again.";
  if (task.superseded) return "A newer task has taken its unique key.";
  if (!task.parkedReason.empty()) return "Parked: " + task.parkedReason + ".";
  if (task.lastStatus == RunStatus::Running) return "A runner works on it.";
  if (!task.nextRunOn) {
    if (isFailure(task.lastStatus)) return "It has failed and is not tried again by itself.";
    return "It has ended.";
  }
  if (isFailure(task.lastStatus)) return "It failed and is tried again at " + timeText(task.nextRunOn) + ".";
  return "It waits; due at " + timeText(*task.nextRunOn == kNotLookedAt ? task.scheduledOn : task.nextRunOn) +
         ".";
}

}  // namespace

void describe(data& to, const Task& task) {
  to.set("Id", std::to_string(task.id));
  to.set("TaskHandlerClass", task.taskHandlerClass);
  to.set("Title", task.title);
  to.set("LastStatus", std::string(wordOf(task.lastStatus)));
  to.set("Queue", task.queue);
  to.set("Priority", std::to_string(task.priority));
  to.set("QueuedOn", timeText(task.queuedOn));
  to.set("QueuedById", std::to_string(task.queuedById));
  to.set("ScheduledOn", timeText(task.scheduledOn));
  to.set("TaskRunsFailed", std::to_string(task.taskRunsFailed));
  to.set("MaxRetries", std::to_string(task.maxRetries));
  to.set("UniqueKey", task.uniqueKey.value_or("—"));
  to.set("TaskData", task.taskData);
  to.set("whereItStands", whereItStands(task));
}

void describe(data& to, const Run& run) {
  to.set("Id", std::to_string(run.id));
  to.set("TaskQueueId", std::to_string(run.taskQueueId));
  to.set("Attempt", std::to_string(run.attempt));
  to.set("Status", std::string(wordOf(run.status)));
  to.set("StartedOn", timeText(run.startedOn));
  to.set("FinishedOn", timeText(run.finishedOn));
  to.set("PercentsCompleted", std::to_string(run.percentsCompleted));
  to.set("ProgressNote", run.progressNote);
  to.set("ErrorCode", run.errorCode);
  to.set("ErrorMessage", run.errorMessage);
  to.set("hasError", data(!run.errorCode.empty()));
  to.set("TaskRunnerId", run.taskRunnerId ? std::to_string(*run.taskRunnerId) : "—");
  to.set("duration", durationText(run.runMs));
  to.set("Results", run.results.value_or(""));
  to.set("hasResults", data(run.results.has_value()));
  to.set("ExitStatus", run.use.exitStatus ? std::to_string(*run.use.exitStatus) : "—");
  to.set("ExitSignal", run.use.exitSignal ? std::to_string(*run.use.exitSignal) : "—");
  to.set("cpu", durationText(run.use.userCpuMs) + " user, " + durationText(run.use.systemCpuMs) + " system");
  to.set("MaxRssKb", run.use.maxRssKb ? std::to_string(*run.use.maxRssKb) + " KiB" : "—");
}

}  // namespace taskqueue::web
