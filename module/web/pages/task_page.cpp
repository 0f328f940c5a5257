#include "module/web/pages/task_page.h"

#include <algorithm>

#include "module/queue/task_state.h"
#include "module/web/api.h"
#include "module/web/form.h"
#include "module/web/pages/describe_status.h"
#include "module/web/pages/fix_list.h"
#include "module/web/pages/formats.h"
#include "module/web/pages/notify_target.h"

namespace taskqueue::web {
namespace {

using kainjow::mustache::data;

constexpr int kAuditShown = 50;

void describe(data& to, const Task& task, const Texts& say) {
  to.set("Id", std::to_string(task.id));
  to.set("TaskHandlerClass", task.taskHandlerClass);
  to.set("classQuery", percentEncoded(task.taskHandlerClass));
  to.set("Title", orDash(task.title));
  to.set("name", task.title.empty() ? task.taskHandlerClass : task.title);
  setStatus(to, toString(stateOf(task)), say);
  to.set("Queue", task.queue);
  to.set("Priority", std::to_string(task.priority));
  setTime(to, "QueuedOn", task.queuedOn);
  to.set("QueuedById", std::to_string(task.queuedById));
  setTime(to, "ScheduledOn", task.scheduledOn);
  to.set("UniqueKey", orDash(task.uniqueKey.value_or("")));
  to.set("ConcurrencyKey", orDash(task.concurrencyKey.value_or("")));
}

// Failures before a manual retry or a success no longer count, but their runs are shown.
std::string failedText(const Task& task, const std::vector<Run>& runs, const Texts& say) {
  const auto shown =
      std::count_if(runs.begin(), runs.end(), [](const Run& run) { return isFailure(run.status); });
  const std::vector<std::string> numbers{std::to_string(task.taskRunsFailed),
                                         std::to_string(task.maxRetries)};
  if (shown > task.taskRunsFailed) return say.text("%1 of %2 since the last retry or success", numbers);
  return say.text("%1 of %2", numbers);
}

void describe(data& to, const TaskNotification& notify, int queuedById, const Texts& say) {
  const std::string target = shownTarget(notify.to, queuedById, say);
  switch (notify.on) {
    case NotifyOn::Never:
      to.set("told", "—");
      break;
    case NotifyOn::Success:
      to.set("told", say.text("%1, when it succeeds", {target}));
      break;
    case NotifyOn::Failure:
      to.set("told", say.text("%1, when it fails for good or is cancelled", {target}));
      break;
    case NotifyOn::Both:
      to.set("told", say.text("%1, when it ends", {target}));
      break;
  }
  if (notify.taskId) to.set("notification", std::to_string(*notify.taskId));
}

}  // namespace

void TaskPage::addRuns(const std::vector<Run>& runs, const Task& task, const Texts& say, data& to) {
  data rows(data::type::list);
  bool anyStarted = false;
  for (const Run& run : runs) {
    if (!run.startedOn && run.status != RunStatus::Running) continue;  // it never ran, so it has no log
    anyStarted = true;
    data row;
    row.set("RunId", std::to_string(run.id));
    row.set("Attempt", std::to_string(run.attempt));
    setStatus(row, toString(stateOfRun(run.status)), say);
    row.set("PercentsCompleted", std::to_string(run.percentsCompleted));
    row.set("ProgressNote", run.progressNote);
    setTime(row, "StartedOn", run.startedOn);
    setTime(row, "FinishedOn", run.finishedOn);
    row.set("duration", durationText(run.runMs));
    row.set("ErrorCode", run.errorCode);
    row.set("ErrorMessage", run.errorMessage);
    row.set("hasError", data(!run.errorCode.empty()));
    row.set("isOpen", data(isOpen(run.status)));
    if (run.cancelRequestedOn) row.set("asked", data(true));
    if (run.results) row.set("results", tree_.html(*run.results, task.taskHandlerClass, say));
    rows.push_back(row);
  }
  to.set("runs", rows);
  to.set("noRuns", data(!anyStarted));
  to.set("failedText", failedText(task, runs, say));
  if (anyStarted) {
    const Run& last = runs.back();
    const auto logged =
        std::find_if(runs.rbegin(), runs.rend(), [](const Run& run) { return run.startedOn; });
    if (logged != runs.rend()) to.set("lastRun", std::to_string(logged->id));
    if (last.status == RunStatus::Running) {
      data progress;
      progress.set("RunId", std::to_string(last.id));
      progress.set("PercentsCompleted", std::to_string(last.percentsCompleted));
      progress.set("ProgressNote", last.progressNote);
      to.set("progressNow", progress);
    }
    if (isFailure(task.lastStatus) && !last.errorCode.empty()) {
      to.set("lastError", last.errorCode);
      to.set("lastErrorMessage", last.errorMessage);
    }
  }
}

void TaskPage::addAudit(int id, data& to) {
  data rows(data::type::list);
  const auto entries = audit_.auditOfTask(id, kAuditShown);
  for (const AuditEntry& entry : entries) {
    data row;
    setTime(row, "ChangedOn", entry.changedOn);
    row.set("who", entry.by.name);
    row.set("source", entry.by.source);
    row.set("action", entry.action);
    row.set("detail", entry.detail);
    rows.push_back(row);
  }
  to.set("audit", rows);
  to.set("noAudit", data(entries.empty()));
}

// Each button that can do nothing now gives its reason.
void TaskPage::addButtons(const WaitFacts& facts, const std::vector<Run>& runs, const Texts& say, data& to) {
  const Task& task = facts.task;
  const bool running = task.lastStatus == RunStatus::Running;
  const bool waits = !running && (task.nextRunOn || !task.parkedReason.empty());
  const bool stopping = running && !runs.empty() && runs.back().cancelRequestedOn;
  if (stopping) {
    const std::int64_t left = *runs.back().cancelRequestedOn + killGrace_.count() - facts.now;
    to.set("stopping", left > 0 ? say.text("Stopping, killed in %1 s", {std::to_string(left)})
                                : say.text("Stopping, being killed"));
  }
  to.set("canCancel", data(waits || (running && !stopping)));
  to.set("canEdit", data(waits));
  to.set("isRunning", data(running));
  const bool succeeded = task.lastStatus == RunStatus::Success;
  to.set("canRetry", data(!running && !waits && !succeeded));
  to.set("canRunAgain", data(!running && !waits && succeeded));
  to.set("watchable", data(running || waits));
  const auto reason = findWaitReason(facts);
  if (!waits || !reason) return;
  const bool isEarly = reason->code == "not_due" || reason->code == "retry_delay";
  to.set("canRunNow", data(isEarly));
  if (!isEarly) to.set("dueAlready", say.text("The task is due already, so it cannot be made due."));
  if (reason->code == "all_paused") to.set("resumeAll", true);
  if (reason->code == "queue_paused") to.set("resume", "queues/" + percentEncoded(task.queue));
  if (reason->code == "handler_paused") to.set("resume", "handlers/" + percentEncoded(task.taskHandlerClass));
}

Answer TaskPage::show(const Request& request) {
  const auto id = parseId(request);
  const auto facts = id ? tasks_.findWaitFacts(*id) : std::nullopt;
  if (!facts) return notFound("task");
  const Texts say = frame_.texts(request);
  const Task& task = facts->task;
  data values;
  describe(values, task, say);
  describe(values, tasks_.findNotification(task.id), task.queuedById, say);
  const auto runs = tasks_.runsOfTask(task.id);
  values.set("describeStatus",
             describeStatus(*facts, runs.empty() ? std::nullopt : std::optional(runs.back()), say));
  values.set("suggestAction", suggestAction(*facts, say));
  values.set("fixes", fixList(fixesFor(*facts), say));
  addRuns(runs, task, say, values);
  addAudit(*id, values);
  values.set("dataTree", tree_.html(task.taskData, task.taskHandlerClass, say));
  addButtons(*facts, runs, say, values);
  return frame_.page(request, "task", say.text("Task %1", {std::to_string(*id)}), values);
}

}  // namespace taskqueue::web
