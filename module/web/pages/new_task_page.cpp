#include "module/web/pages/new_task_page.h"
#include "module/web/cms_events.h"

#include <array>

#include "module/queue/whole_number.h"
#include "module/web/pages/fix_list.h"
#include "module/web/pages/grid_query.h"
#include "module/web/pages/notify_target.h"
#include "module/web/pages/schema_form.h"
#include "module/web/pages/task_fields.h"

namespace taskqueue::web {
namespace {

using kainjow::mustache::data;

constexpr std::array kFields{"Title",      "ScheduledOn", "Queue",   "Priority",
                             "MaxRetries", "UniqueKey",   "NotifyTo"};

// Returns 0 if the text is not an Id.
int parseId(const std::string& text) {
  return static_cast<int>(wholeNumber(text, 1, INT32_MAX).value_or(0));
}

// Returns the problem of the query, if any.
std::optional<Problem> findQueryProblem(const Request& request) {
  for (const auto& [name, value] : request.query) {
    if (name == "copy") {
      if (parseId(value) == 0) return badParameter(name, "must be a task's Id");
      if (request.query.size() > 1) return badParameter(name, "cannot be given beside another parameter");
    } else if (name == "handler") {
      if (!isHandlerClass(value)) return badParameter(name, std::string(kHandlerClassRule));
    } else if (name == "raw") {
      if (value != "1") return badParameter(name, "must be 1");
      if (!request.query.contains("handler")) return badParameter(name, "needs the parameter handler");
    } else {
      return unknownParameter(name);
    }
  }
  return std::nullopt;
}

}  // namespace

Response NewTaskPage::choice(const Request& request) {
  data handlers(data::type::list);
  for (const HandlerDeclaration& handler : handlers_.findHandlers())
    handlers.push_back({"name", handler.taskHandlerClass});
  data choose;
  choose.set("noHandlers", data(handlers.is_empty_list()));
  choose.set("handlers", handlers);
  data values;
  values.set("choose", choose);
  const Texts say = frame_.texts(request);
  values.set("fixes", fixList(health::commandsToStartRunners(), say));
  return frame_.page(request, "new_task", say.text("New task"), values);
}

Response NewTaskPage::form(const Request& request, const Draft& draft) {
  const Texts say = frame_.texts(request);
  const auto handler = queue_.createTaskHandler(draft.taskHandlerClass);
  data fill;
  fill.set("TaskHandlerClass", draft.taskHandlerClass);
  fill.set("handlerQuery", percentEncoded(draft.taskHandlerClass));
  setDataFields(fill, handler ? handler->dataSchema : "", draft.taskData, draft.raw, draft.errors, say);
  for (const char* name : kFields) fill.set(name, formValue(draft.fields, name));
  if (draft.copied) fill.set("copy", std::to_string(draft.copied->id));
  if (draft.copied && !draft.copied->notify.to && draft.copied->notify.on != NotifyOn::Never)
    fill.set("copiedTarget", shownTarget(std::nullopt, draft.copied->queuedById, say));
  fill.set("notifyOn", choicesOfNotifyOn(formValue(draft.fields, "NotifyOn"), say));
  data values;
  setErrors(values, draft.errors, say);
  values.set("fill", fill);
  values.set("hidden", data(draft.masked));
  values.set("unreadable", data(draft.unreadable));
  constexpr int kUnprocessable = 422;
  return frame_.page(request, "new_task", say.text("New task"), values,
                     draft.errors.empty() ? 200 : kUnprocessable);
}

Answer NewTaskPage::show(const Request& request) {
  if (auto problem = findQueryProblem(request)) return *problem;
  Draft draft;
  draft.raw = request.query.contains("raw");
  if (const auto copy = request.query.find("copy"); copy != request.query.end()) {
    const auto task = tasks_.findTask(parseId(copy->second));
    if (!task) return Problem{404, "Not found", "There is no such task.", {}};
    draft.taskHandlerClass = task->taskHandlerClass;
    JsonTree::Editable editable = tree_.editable(task->taskData, task->taskHandlerClass);
    draft.taskData = std::move(editable.text);
    draft.masked = editable.hidesSomething;
    draft.unreadable = editable.isUnreadable;
    draft.raw = true;
    draft.fields["Title"] = {task->title};
    draft.fields["Queue"] = {task->queue};
    draft.fields["Priority"] = {std::to_string(task->priority)};
    draft.fields["MaxRetries"] = {std::to_string(task->maxRetries)};
    draft.copied = copied(*task);
    const TaskNotification& notify = draft.copied->notify;
    draft.fields["NotifyOn"] = {std::string(toString(notify.on))};
    if (notify.to)
      draft.fields["NotifyTo"] = {shownTarget(notify.to, task->queuedById, frame_.texts(request))};
    return form(request, draft);
  }
  const auto handler = request.query.find("handler");
  if (handler == request.query.end()) return choice(request);
  draft.taskHandlerClass = handler->second;
  if (const auto declared = queue_.createTaskHandler(draft.taskHandlerClass))
    draft.taskData = defaultTaskData(declared->dataSchema);
  return form(request, draft);
}

NewTaskPage::Copied NewTaskPage::copied(const Task& task) {
  return {task.id, task.queuedById, tasks_.findNotification(task.id)};
}

// The form shows only the host of a webhook, and nothing if the recipient is the user who queued the task.
void NewTaskPage::copyNotification(const Copied& from, NewTask& task, const Texts& say) {
  if (task.notifyOn == NotifyOn::Never || from.notify.on == NotifyOn::Never) return;
  const bool isUntouched =
      from.notify.to ? task.notifyTo == shownTarget(from.notify.to, from.queuedById, say) : !task.notifyTo;
  if (!isUntouched) return;
  task.notifyTo = from.notify.to;
  task.notifyLanguage = from.notify.language;
  if (!task.notifyTo) task.queuedById = from.queuedById;
}

Answer NewTaskPage::enqueue(const Request& request) {
  const Texts say = frame_.texts(request);
  std::vector<std::string> known{"TaskHandlerClass", "copy", "NotifyOn"};
  known.insert(known.end(), kFields.begin(), kFields.end());
  if (auto problem = findFieldsProblem(request, std::move(known))) return *problem;
  Draft draft;
  draft.fields = request.form;
  draft.taskHandlerClass = formValue(request.form, "TaskHandlerClass");
  draft.raw = request.form.contains("raw");
  if (const std::string copy = formValue(request.form, "copy"); !copy.empty()) {
    const auto original = tasks_.findTask(parseId(copy));
    if (original) draft.copied = copied(*original);
    if (!original) draft.errors.push_back({"/copy", "There is no such task."});
  }
  const auto handler = queue_.createTaskHandler(draft.taskHandlerClass);
  draft.taskData = readDataFields(request, handler ? handler->dataSchema : "", draft.errors);
  NewTask task;
  task.taskHandlerClass = draft.taskHandlerClass;
  task.taskData = draft.taskData;
  task.title = formValue(request.form, "Title");
  task.queue = readTextField(request.form, "Queue");
  task.uniqueKey = readTextField(request.form, "UniqueKey");
  if (request.form.contains("NotifyOn")) {
    const auto on = parseNotifyOn(formValue(request.form, "NotifyOn"));
    if (!on) return badField("NotifyOn", "must be never, success, failure or both");
    task.notifyOn = *on;
  }
  task.notifyTo = readTextField(request.form, "NotifyTo");
  if (task.notifyOn != NotifyOn::Never) task.notifyLanguage = say.language();
  if (draft.copied) copyNotification(*draft.copied, task, say);
  task.priority = readNumberField(request.form, "Priority", draft.errors);
  task.maxRetries = readNumberField(request.form, "MaxRetries", draft.errors);
  task.scheduledOn = readTimeField(request.form, "ScheduledOn", draft.errors);
  if (auto error = refuseCmsEvent(task.taskHandlerClass, task.taskData, cmsEvents_))
    draft.errors.push_back(std::move(*error));
  if (!draft.errors.empty()) return form(request, draft);
  const AddResult result = queue_.addTask(task);
  if (!result.errors.empty()) {
    draft.errors = result.errors;
    return form(request, draft);
  }
  wake_();
  const AddedTask& added = result.outcome.tasks.at(0);
  const std::string id = std::to_string(added.id);
  return frame_.redirect("tasks/" + id, request, {added.created ? "enqueued" : "joined", id});
}

}  // namespace taskqueue::web
