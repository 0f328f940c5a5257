#include "module/web/pages/task_form_page.h"

#include "module/web/api.h"
#include "module/web/cms_events.h"
#include "module/web/pages/formats.h"
#include "module/web/pages/task_fields.h"

namespace taskqueue::web {
namespace {

using kainjow::mustache::data;

std::optional<Problem> findEditProblem(const std::optional<Task>& task) {
  TaskQueue::ChangeResult result;
  if (!task) return Api::findProblem(result);
  const bool isRunning = task->lastStatus == RunStatus::Running;
  const bool waits = task->nextRunOn || !task->parkedReason.empty();
  result.outcome = isRunning ? ChangeOutcome::Running : waits ? ChangeOutcome::Changed : ChangeOutcome::Ended;
  return Api::findProblem(result);
}

}  // namespace

Response TaskFormPage::form(const Request& request, const Draft& draft) {
  const Texts say = frame_.texts(request);
  const Task& task = draft.task;
  const auto handler = queue_.createTaskHandler(task.taskHandlerClass);
  data fill;
  fill.set("Id", std::to_string(task.id));
  fill.set("TaskHandlerClass", task.taskHandlerClass);
  fill.set("Version", draft.version);
  fill.set("Title", task.title);
  fill.set("ScheduledOn", draft.scheduledOn);
  fill.set("Queue", task.queue);
  fill.set("Priority", std::to_string(task.priority));
  fill.set("MaxRetries", std::to_string(task.maxRetries));
  setDataFields(fill, handler ? handler->dataSchema : "", draft.shownData, draft.raw, draft.errors, say);
  data values;
  setErrors(values, draft.errors, say);
  values.set("fill", fill);
  values.set("hidden", data(draft.masked));
  constexpr int kUnprocessable = 422;
  return frame_.page(request, "task_form", say.text("Edit task %1", {std::to_string(task.id)}), values,
                     draft.errors.empty() ? 200 : kUnprocessable);
}

Answer TaskFormPage::show(const Request& request) {
  const auto id = parseId(request);
  const auto task = id ? tasks_.findTask(*id) : std::nullopt;
  if (auto problem = findEditProblem(task)) return *problem;
  Draft draft;
  draft.task = *task;
  draft.version = versionOf(*task);
  draft.scheduledOn = fieldTime(task->scheduledOn);
  const auto editable = tree_.editable(task->taskData, task->taskHandlerClass);
  draft.shownData = editable.text;
  draft.masked = editable.hidesSomething;
  return form(request, draft);
}

Answer TaskFormPage::change(const Request& request) {
  if (auto problem = findFieldsProblem(
          request, {"Version", "Title", "ScheduledOn", "Queue", "Priority", "MaxRetries"}))
    return *problem;
  const auto id = parseId(request);
  const auto task = id ? tasks_.findTask(*id) : std::nullopt;
  if (auto problem = findEditProblem(task)) return *problem;
  const auto handler = queue_.createTaskHandler(task->taskHandlerClass);
  Draft draft;
  draft.task = *task;
  draft.raw = request.form.contains("raw");
  draft.version = formValue(request.form, "Version");
  draft.scheduledOn = formValue(request.form, "ScheduledOn");
  draft.shownData = readDataFields(request, handler ? handler->dataSchema : "", draft.errors);
  TaskChange wanted;
  const auto editable = tree_.editable(task->taskData, task->taskHandlerClass);
  if (auto whole = json::restoreMasked(draft.shownData, task->taskData)) {
    // Data that could not be shown stays as it is while its field is empty.
    if (!(editable.isUnreadable && draft.shownData.empty())) wanted.taskData = std::move(*whole);
  } else {
    draft.errors.push_back({"/TaskData", "is masked: enter it again"});
  }
  if (wanted.taskData && sameJson(*wanted.taskData, task->taskData)) wanted.taskData.reset();
  wanted.title = draft.task.title = formValue(request.form, "Title");
  wanted.queue = draft.task.queue = formValue(request.form, "Queue");
  wanted.priority = readNumberField(request.form, "Priority", draft.errors);
  wanted.maxRetries = readNumberField(request.form, "MaxRetries", draft.errors);
  wanted.scheduledOn = readTimeField(request.form, "ScheduledOn", draft.errors);
  draft.task.priority = wanted.priority.value_or(draft.task.priority);
  draft.task.maxRetries = wanted.maxRetries.value_or(draft.task.maxRetries);
  if (wanted.taskData) {
    if (auto error = refuseCmsEvent(task->taskHandlerClass, *wanted.taskData, cmsEvents_))
      draft.errors.push_back(std::move(*error));
  }
  if (!draft.errors.empty()) return form(request, draft);
  const auto result = queue_.changeTask(*id, withoutSame(wanted, *task), draft.version);
  draft.errors = result.errors;
  if (!draft.errors.empty()) return form(request, draft);
  if (auto problem = Api::findProblem(result)) return *problem;
  wake_();
  return frame_.redirect("tasks/" + std::to_string(*id), request, {"changed", std::to_string(*id)});
}

}  // namespace taskqueue::web
