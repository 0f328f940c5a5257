#include "module/web/pages/schedule_form_page.h"

#include "module/json/writer.h"
#include "module/queue/content_version.h"
#include "module/queue/schedule/firing_plan.h"
#include "module/queue/schedule/local_time.h"
#include "module/web/api.h"
#include "module/web/cms_events.h"
#include "module/web/pages/cron_words.h"
#include "module/web/pages/formats.h"
#include "module/web/pages/schema_form.h"
#include "module/web/pages/task_fields.h"

namespace taskqueue::web {
namespace {

using kainjow::mustache::data;

std::vector<std::string> knownFields() {
  return {"TaskHandlerClass", "Version", "Name",     "CronExpression", "TimeZone", "Missed",
          "MissedLimit",      "Overlap", "Disabled", "Queue",          "Priority", "MaxRetries",
          "NotifyOn",         "NotifyTo"};
}

std::string textOrEmpty(const std::optional<int>& number) {
  return number ? std::to_string(*number) : "";
}

std::string versionOf(const ScheduleDefinition& of) {
  return contentVersion({of.name, of.taskHandlerClass, of.taskData, of.cronExpression, of.timeZone,
                         toString(of.missed), std::to_string(of.missedLimit), toString(of.overlap),
                         of.enabled ? "1" : "0", of.queue.value_or(""), textOrEmpty(of.priority),
                         textOrEmpty(of.maxRetries), toString(of.notifyOn), of.notifyTo.value_or(""),
                         of.notifyLanguage});
}

data missedChoices(Missed chosen, const Texts& say) {
  return choices({{"once", say.text("Make one task for all of them")},
                  {"skip", say.text("Make none")},
                  {"all", say.text("Make a task for each")}},
                 std::string(toString(chosen)));
}

data overlapChoices(Overlap chosen, const Texts& say) {
  return choices({{"skip", say.text("Make no new task")},
                  {"queue", say.text("Make a task beside it")},
                  {"replace", say.text("Cancel it and make a new one")}},
                 std::string(toString(chosen)));
}

}  // namespace

void setTimes(data& to, const ScheduleDefinition& definition, const std::vector<UnixSeconds>& next,
              const Texts& say) {
  const auto times = parseFiringTimes(definition);
  if (const auto* problem = std::get_if<FiringTimesProblem>(&times)) {
    if (!definition.cronExpression.empty()) to.set("timesProblem", problem->problem);
    return;
  }
  to.set("words", cronInWords(std::get<FiringTimes>(times).expression, say));
  data rows(data::type::list);
  for (const UnixSeconds instant : next) {
    data row;
    setTime(row, "time", instant);
    row.set("local", localTimeText(instant, definition.timeZone));
    rows.push_back(row);
  }
  to.set("next", rows);
}

std::string ScheduleFormPage::schemaOf(const std::string& taskHandlerClass) {
  const auto handler = queue_.createTaskHandler(taskHandlerClass);
  return handler ? handler->dataSchema : "";
}

Response ScheduleFormPage::form(const Request& request, const Draft& draft) {
  const Texts say = frame_.texts(request);
  const ScheduleDefinition& from = draft.definition;
  data fill;
  fill.set("action", draft.id == 0 ? "schedules/new" : "schedules/" + std::to_string(draft.id) + "/edit");
  fill.set("back", draft.id == 0 ? "schedules" : "schedules/" + std::to_string(draft.id));
  fill.set("isNew", data(draft.id == 0));
  fill.set("handlerQuery", percentEncoded(from.taskHandlerClass));
  for (const auto& [name, value] : std::initializer_list<std::pair<const char*, std::string>>{
           {"TaskHandlerClass", from.taskHandlerClass},
           {"Version", draft.version},
           {"Name", from.name},
           {"CronExpression", from.cronExpression},
           {"TimeZone", from.timeZone},
           {"MissedLimit", std::to_string(from.missedLimit)},
           {"Queue", from.queue.value_or("")},
           {"Priority", textOrEmpty(from.priority)},
           {"MaxRetries", textOrEmpty(from.maxRetries)},
           {"NotifyTo", from.notifyTo.value_or("")}})
    fill.set(name, value);
  fill.set("disabled", data(!from.enabled));
  fill.set("missed", missedChoices(from.missed, say));
  fill.set("overlap", overlapChoices(from.overlap, say));
  fill.set("notifyOn", choicesOfNotifyOn(std::string(toString(from.notifyOn)), say));
  setDataFields(fill, schemaOf(from.taskHandlerClass), draft.shownData, draft.raw, draft.errors, say);
  setTimes(fill, from, schedules_.preview(from, kNextShown), say);
  data values;
  setErrors(values, draft.errors, say);
  values.set("fill", fill);
  values.set("hidden", data(draft.masked));
  constexpr int kUnprocessable = 422;
  return frame_.page(request, "schedule_form",
                     draft.id == 0 ? say.text("New schedule") : say.text("Edit schedule %1", {from.name}),
                     values, draft.errors.empty() ? 200 : kUnprocessable);
}

Answer ScheduleFormPage::showNew(const Request& request) {
  Draft draft;
  for (const auto& [name, value] : request.query) {
    if (name == "handler" && !isHandlerClass(value))
      return badParameter(name, std::string(kHandlerClassRule));
    if (name == "raw" && value != "1") return badParameter(name, "must be 1");
    if (name != "handler" && name != "raw") return unknownParameter(name);
  }
  draft.raw = request.query.contains("raw");
  const auto handler = request.query.find("handler");
  if (handler != request.query.end()) {
    draft.definition.taskHandlerClass = handler->second;
    draft.shownData = defaultTaskData(schemaOf(handler->second));
    return form(request, draft);
  }
  data handlers(data::type::list);
  for (const HandlerDeclaration& one : stores_.handlers.findHandlers())
    handlers.push_back({"name", one.taskHandlerClass});
  data choose;
  choose.set("noHandlers", data(handlers.is_empty_list()));
  choose.set("handlers", handlers);
  data values;
  values.set("choose", choose);
  return frame_.page(request, "schedule_form", frame_.texts(request).text("New schedule"), values);
}

std::optional<Problem> ScheduleFormPage::readForm(const Request& request, Draft& draft,
                                                  const std::string& storedData) {
  if (auto problem = findFieldsProblem(request, knownFields())) return problem;
  ScheduleDefinition& to = draft.definition;
  const FormValues& fields = request.form;
  draft.raw = fields.contains("raw");
  draft.version = formValue(fields, "Version");
  to.taskData = readDataFields(request, schemaOf(to.taskHandlerClass), draft.errors);
  draft.shownData = to.taskData;
  if (auto whole = json::restoreMasked(to.taskData, storedData)) {
    to.taskData = std::move(*whole);
  } else {
    draft.errors.push_back({"/TaskData", "is masked: enter it again"});
  }
  to.name = formValue(fields, "Name");
  to.cronExpression = formValue(fields, "CronExpression");
  to.timeZone = formValue(fields, "TimeZone");
  const auto missed = parseMissed(formValue(fields, "Missed"));
  const auto overlap = parseOverlap(formValue(fields, "Overlap"));
  const auto notifyOn = parseNotifyOn(formValue(fields, "NotifyOn"));
  if (!missed) return badField("Missed", "must be skip, once or all");
  if (!overlap) return badField("Overlap", "must be skip, queue or replace");
  if (!notifyOn) return badField("NotifyOn", "must be never, success, failure or both");
  to.missed = *missed;
  to.overlap = *overlap;
  to.notifyOn = *notifyOn;
  to.missedLimit = readNumberField(fields, "MissedLimit", draft.errors).value_or(kDefaultMissedLimit);
  to.enabled = !fields.contains("Disabled");
  to.queue = readTextField(fields, "Queue");
  to.priority = readNumberField(fields, "Priority", draft.errors);
  to.maxRetries = readNumberField(fields, "MaxRetries", draft.errors);
  to.notifyTo = readTextField(fields, "NotifyTo");
  if (to.notifyOn != NotifyOn::Never && to.notifyLanguage.empty())
    to.notifyLanguage = frame_.texts(request).language();
  if (auto error = refuseCmsEvent(to.taskHandlerClass, to.taskData, cmsEvents_))
    draft.errors.push_back(std::move(*error));
  return std::nullopt;
}

Answer ScheduleFormPage::add(const Request& request) {
  Draft draft;
  draft.definition.taskHandlerClass = formValue(request.form, "TaskHandlerClass");
  if (auto problem = readForm(request, draft, "{}")) return *problem;
  if (!draft.errors.empty()) return form(request, draft);
  const auto result = schedules_.add(draft.definition, 0);
  if (!result.errors.empty()) {
    draft.errors = result.errors;
    return form(request, draft);
  }
  return frame_.redirect("schedules/" + std::to_string(*result.id), request,
                         {"schedule-added", draft.definition.name});
}

Answer ScheduleFormPage::showEdit(const Request& request) {
  const auto id = parseId(request);
  const auto schedule = id ? stores_.schedules.findSchedule(*id) : std::nullopt;
  if (!schedule) return notFound("schedule");
  Draft draft;
  draft.id = *id;
  draft.definition = schedule->definition;
  draft.version = versionOf(schedule->definition);
  const auto editable = tree_.editable(draft.definition.taskData, draft.definition.taskHandlerClass);
  if (editable.isUnreadable)
    return Problem{422, "The schedule cannot be edited here",
                   "Its task data is not JSON or is too large. Change it with 'taskqueue schedule change'.", {}};
  draft.shownData = editable.text;
  draft.masked = editable.hidesSomething;
  return form(request, draft);
}

Answer ScheduleFormPage::change(const Request& request) {
  const auto id = parseId(request);
  const auto schedule = id ? stores_.schedules.findSchedule(*id) : std::nullopt;
  if (!schedule) return notFound("schedule");
  Draft draft;
  draft.id = *id;
  draft.definition = schedule->definition;
  if (auto problem = readForm(request, draft, schedule->definition.taskData)) return *problem;
  if (draft.version != versionOf(schedule->definition))
    return Problem{409, "The schedule has changed meanwhile", "Look at it again, and repeat the change.", {}};
  if (draft.errors.empty()) draft.errors = schedules_.change(*id, draft.definition).errors;
  if (!draft.errors.empty()) return form(request, draft);
  return frame_.redirect("schedules/" + std::to_string(*id), request,
                         {"schedule-changed", draft.definition.name});
}

Answer ScheduleFormPage::preview(const Request& request) {
  ScheduleDefinition definition;
  for (const auto& [name, value] : request.query) {
    if (name == "cron") {
      definition.cronExpression = value;
    } else if (name == "zone") {
      definition.timeZone = value;
    } else {
      return unknownParameter(name);
    }
  }
  const Texts say = frame_.texts(request);
  const auto times = parseFiringTimes(definition);
  json::Writer to;
  to.startObject();
  if (const auto* problem = std::get_if<FiringTimesProblem>(&times)) {
    to.member("Member", problem->member).member("Problem", problem->problem);
  } else {
    to.member("Words", cronInWords(std::get<FiringTimes>(times).expression, say)).key("Next").startArray();
    for (const UnixSeconds instant : schedules_.preview(definition, kNextShown)) {
      to.startObject().member("Local", localTimeText(instant, definition.timeZone));
      to.member("Instant", instant).endObject();
    }
    to.endArray();
  }
  return answer(to.endObject());
}

}  // namespace taskqueue::web
