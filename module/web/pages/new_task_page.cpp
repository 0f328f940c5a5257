#include "module/web/pages/new_task_page.h"

#include <array>
#include <charconv>

#include "module/web/pages/grid_query.h"
#include "module/web/pages/notify_target.h"
#include "module/web/pages/remedy_list.h"
#include "module/web/pages/schema_form.h"

namespace taskqueue::web {
namespace {

using kainjow::mustache::data;

constexpr std::array kFields{"Title",      "ScheduledOn", "Queue",   "Priority",
                             "MaxRetries", "UniqueKey",   "NotifyTo"};

std::string fieldOf(const FormValues& fields, const std::string& name) {
  const auto found = fields.find(name);
  return found == fields.end() ? "" : found->second.front();
}

// Nothing, with an error, when the field has something that is no whole number.
std::optional<int> numberOf(const FormValues& fields, const std::string& name, const Texts& say,
                            std::vector<InputError>& errors) {
  const std::string text = fieldOf(fields, name);
  if (text.empty()) return std::nullopt;
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size()) return value;
  errors.push_back({"/" + name, say.text("must be a whole number")});
  return std::nullopt;
}

std::optional<std::string> textOrNothing(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

// 0: none.
int idOf(const std::string& text) {
  int id = 0;
  std::from_chars(text.data(), text.data() + text.size(), id);
  return id;
}

int idOfCopy(const Request& request) {
  const auto found = request.query.find("copy");
  return found == request.query.end() ? 0 : idOf(found->second);
}

data choicesOfNotifyOn(const std::string& chosen, const Texts& say) {
  data list(data::type::list);
  const auto add = [&](NotifyOn on, const std::string& label) {
    data one;
    one.set("word", std::string(wordOf(on)));
    one.set("label", label);
    one.set("selected", data(wordOf(on) == chosen));
    list.push_back(one);
  };
  add(NotifyOn::Never, say.text("Nobody"));
  add(NotifyOn::Both, say.text("However it ends"));
  add(NotifyOn::Success, say.text("When it succeeds"));
  add(NotifyOn::Failure, say.text("When it fails for good or is cancelled"));
  return list;
}

}  // namespace

Response NewTaskPage::choice(const Request& request) {
  data handlers(data::type::list);
  for (const HandlerDeclaration& handler : store_.findHandlers())
    handlers.push_back({"name", handler.taskHandlerClass});
  data choose;
  choose.set("noHandlers", data(handlers.is_empty_list()));
  choose.set("handlers", handlers);
  data values;
  values.set("choose", choose);
  const Texts say = frame_.texts(request);
  values.set("remedies", remedyList(health::waysToStartRunners(), say));
  return frame_.page(request, "new_task", say.text("New task"), values);
}

Response NewTaskPage::form(const Request& request, const Draft& draft) {
  const Texts say = frame_.texts(request);
  const auto handler = queue_.createTaskHandler(draft.taskHandlerClass);
  auto members = fieldsOf(handler ? handler->dataSchema : "", draft.taskData);
  data fill;
  fill.set("TaskHandlerClass", draft.taskHandlerClass);
  fill.set("handlerQuery", percentEncoded(draft.taskHandlerClass));
  fill.set("raw", data(draft.raw || !members));
  fill.set("canForm", data(members.has_value()));
  fill.set("TaskData", draft.taskData);
  if (members) fill.set("members", *members);
  for (const char* name : kFields) fill.set(name, fieldOf(draft.fields, name));
  if (draft.copied) fill.set("copy", std::to_string(draft.copied->id));
  if (draft.copied && !draft.copied->notify.to && draft.copied->notify.on != NotifyOn::Never)
    fill.set("copiedTarget", shownTarget(std::nullopt, draft.copied->queuedById, say));
  fill.set("notifyOn", choicesOfNotifyOn(fieldOf(draft.fields, "NotifyOn"), say));
  data values;
  values.set("fill", fill);
  values.set("hidden", data(draft.masked));
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
  Draft draft;
  draft.raw = request.query.contains("raw");
  if (const int id = idOfCopy(request); id > 0) {
    const auto task = store_.findTask(id);
    if (!task) return Problem{404, "Not found", "There is no such task.", {}};
    draft.taskHandlerClass = task->taskHandlerClass;
    draft.taskData = tree_.masked(task->taskData, task->taskHandlerClass);
    draft.masked = tree_.hides(task->taskData, task->taskHandlerClass);
    draft.raw = true;
    draft.fields["Title"] = {task->title};
    draft.fields["Queue"] = {task->queue};
    draft.fields["Priority"] = {std::to_string(task->priority)};
    draft.fields["MaxRetries"] = {std::to_string(task->maxRetries)};
    draft.copied = copied(*task);
    const TaskNotification& notify = draft.copied->notify;
    draft.fields["NotifyOn"] = {std::string(wordOf(notify.on))};
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
  return {task.id, task.queuedById, store_.findNotification(task.id)};
}

// The form shows a webhook's host alone, and no address where it is the one of whoever queued the task.
void NewTaskPage::tellTheSame(const Copied& from, NewTask& task, const Texts& say) {
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
  const auto fields = readForm(request.body);
  if (!fields) return Problem{400, "Malformed form", "Open the page again.", {}};
  Draft draft;
  draft.fields = *fields;
  draft.taskHandlerClass = fieldOf(*fields, "TaskHandlerClass");
  draft.raw = fields->contains("raw");
  if (const auto original = store_.findTask(idOf(fieldOf(*fields, "copy")))) draft.copied = copied(*original);
  const auto handler = queue_.createTaskHandler(draft.taskHandlerClass);
  draft.taskData =
      draft.raw ? fieldOf(*fields, "TaskData") : taskDataOf(handler ? handler->dataSchema : "", *fields);
  NewTask task;
  task.taskHandlerClass = draft.taskHandlerClass;
  task.taskData = draft.taskData;
  task.title = fieldOf(*fields, "Title");
  task.queue = textOrNothing(fieldOf(*fields, "Queue"));
  task.uniqueKey = textOrNothing(fieldOf(*fields, "UniqueKey"));
  task.notifyOn = notifyOnOf(fieldOf(*fields, "NotifyOn")).value_or(NotifyOn::Never);
  task.notifyTo = textOrNothing(fieldOf(*fields, "NotifyTo"));
  if (task.notifyOn != NotifyOn::Never) task.notifyLanguage = say.language();
  if (draft.copied) tellTheSame(*draft.copied, task, say);
  task.priority = numberOf(*fields, "Priority", say, draft.errors);
  task.maxRetries = numberOf(*fields, "MaxRetries", say, draft.errors);
  if (const std::string time = fieldOf(*fields, "ScheduledOn"); !time.empty()) {
    task.scheduledOn = readTime(time);
    if (!task.scheduledOn)
      draft.errors.push_back({"/ScheduledOn", say.text("must be a time such as 2026-01-31T08:30")});
  }
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
