#include "module/web/pages/new_task_page.h"
#include "module/web/cms_events.h"

#include <array>

#include "module/queue/whole_number.h"
#include "module/web/pages/fix_list.h"
#include "module/web/pages/grid_query.h"
#include "module/web/pages/notify_target.h"
#include "module/web/pages/schema_form.h"

namespace taskqueue::web {
namespace {

using kainjow::mustache::data;

constexpr std::array kFields{"Title",      "ScheduledOn", "Queue",   "Priority",
                             "MaxRetries", "UniqueKey",   "NotifyTo"};

// Reads a whole number. Adds an error and returns nothing if the field has anything else.
std::optional<int> numberOf(const FormValues& fields, const std::string& name, const Texts& say,
                            std::vector<InputError>& errors) {
  const std::string text = formValue(fields, name);
  if (text.empty()) return std::nullopt;
  if (const auto value = wholeNumber(text, INT32_MIN, INT32_MAX)) return static_cast<int>(*value);
  errors.push_back({"/" + name, say.text("must be a whole number")});
  return std::nullopt;
}

std::optional<std::string> textOrNothing(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

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

// Returns the problem of the field names, if any. TaskData is one field, or one field for each member.
std::optional<Problem> findFieldsProblem(const Request& request) {
  Request others = request;
  const bool isRaw = request.form.contains("raw");
  if (!isRaw) {
    std::erase_if(others.form, [](const auto& field) {
      return field.first.starts_with(kMemberPrefix) && field.second.size() == 1;
    });
  }
  std::vector<std::string> known{"TaskHandlerClass", "copy", "NotifyOn"};
  known.insert(known.end(), kFields.begin(), kFields.end());
  if (isRaw) known.insert(known.end(), {"raw", "TaskData"});
  return refuseOtherFields(others, known);
}

data choicesOfNotifyOn(const std::string& chosen, const Texts& say) {
  data list(data::type::list);
  const auto add = [&](NotifyOn on, const std::string& label) {
    data one;
    one.set("word", std::string(toString(on)));
    one.set("label", label);
    one.set("selected", data(toString(on) == chosen));
    list.push_back(one);
  };
  add(NotifyOn::Never, say.text("Never"));
  add(NotifyOn::Both, say.text("When it ends"));
  add(NotifyOn::Success, say.text("When it succeeds"));
  add(NotifyOn::Failure, say.text("When it fails for good or is cancelled"));
  return list;
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
  auto members = makeFields(handler ? handler->dataSchema : "", draft.taskData);
  data fill;
  fill.set("TaskHandlerClass", draft.taskHandlerClass);
  fill.set("handlerQuery", percentEncoded(draft.taskHandlerClass));
  fill.set("raw", data(draft.raw || !members));
  fill.set("canForm", data(members.has_value()));
  fill.set("TaskData", draft.taskData);
  if (members) fill.set("members", *members);
  for (const char* name : kFields) fill.set(name, formValue(draft.fields, name));
  if (draft.copied) fill.set("copy", std::to_string(draft.copied->id));
  if (draft.copied && !draft.copied->notify.to && draft.copied->notify.on != NotifyOn::Never)
    fill.set("copiedTarget", shownTarget(std::nullopt, draft.copied->queuedById, say));
  fill.set("notifyOn", choicesOfNotifyOn(formValue(draft.fields, "NotifyOn"), say));
  data values;
  values.set("fill", fill);
  values.set("hidden", data(draft.masked));
  values.set("unreadable", data(draft.unreadable));
  if (!draft.errors.empty()) {
    data list(data::type::list);
    for (const InputError& error : draft.errors) {
      data one;
      one.set("member", error.member);
      one.set("text", error.problem);
      list.push_back(one);
    }
    data problems;
    problems.set("list", list);
    values.set("problems", problems);
  }
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
  if (auto problem = findFieldsProblem(request)) return *problem;
  Draft draft;
  draft.fields = request.form;
  draft.taskHandlerClass = formValue(request.form, "TaskHandlerClass");
  draft.raw = request.form.contains("raw");
  if (const std::string copy = formValue(request.form, "copy"); !copy.empty()) {
    const auto original = tasks_.findTask(parseId(copy));
    if (original) draft.copied = copied(*original);
    if (!original) draft.errors.push_back({"/copy", say.text("There is no such task.")});
  }
  const auto handler = queue_.createTaskHandler(draft.taskHandlerClass);
  if (!draft.raw) addUnknownMembers(handler ? handler->dataSchema : "", request.form, draft.errors);
  draft.taskData = draft.raw ? formValue(request.form, "TaskData")
                             : readTaskData(handler ? handler->dataSchema : "", request.form);
  NewTask task;
  task.taskHandlerClass = draft.taskHandlerClass;
  task.taskData = draft.taskData;
  task.title = formValue(request.form, "Title");
  task.queue = textOrNothing(formValue(request.form, "Queue"));
  task.uniqueKey = textOrNothing(formValue(request.form, "UniqueKey"));
  if (request.form.contains("NotifyOn")) {
    const auto on = parseNotifyOn(formValue(request.form, "NotifyOn"));
    if (!on) return badField("NotifyOn", "must be never, success, failure or both");
    task.notifyOn = *on;
  }
  task.notifyTo = textOrNothing(formValue(request.form, "NotifyTo"));
  if (task.notifyOn != NotifyOn::Never) task.notifyLanguage = say.language();
  if (draft.copied) copyNotification(*draft.copied, task, say);
  task.priority = numberOf(request.form, "Priority", say, draft.errors);
  task.maxRetries = numberOf(request.form, "MaxRetries", say, draft.errors);
  if (const std::string time = formValue(request.form, "ScheduledOn"); !time.empty()) {
    task.scheduledOn = readTime(time);
    if (!task.scheduledOn)
      draft.errors.push_back({"/ScheduledOn", say.text("must be a time such as 2026-01-31T08:30")});
  }
  if (auto error = refuseCmsEvent(task.taskHandlerClass, task.taskData, cmsEvents_))
    draft.errors.push_back({error->member, say.text(error->problem)});
  if (!draft.errors.empty()) return form(request, draft);
  const AddResult result = queue_.addTask(task);
  if (!result.errors.empty()) {
    draft.errors = result.errors;
    return form(request, draft);
  }
  wake_();
  return frame_.redirect("tasks/" + std::to_string(result.outcome.tasks.at(0).id));
}

}  // namespace taskqueue::web
