#include "module/web/pages/schedule_page.h"
#include "module/queue/task_state.h"

#include "module/queue/task_state.h"
#include "module/web/api.h"
#include "module/web/form.h"
#include "module/web/pages/confirmation.h"
#include "module/web/pages/formats.h"
#include "module/web/pages/schedule_form_page.h"

namespace taskqueue::web {
namespace {

using kainjow::mustache::data;

constexpr int kFiringsShown = 50;

std::string outcomeText(const ScheduleFiring& firing, const Texts& say) {
  switch (firing.outcome) {
    case FiringOutcome::Fired:
      return firing.fireOn ? say.text("made a task") : say.text("made a task, on request");
    case FiringOutcome::Skipped:
      return say.text("skipped: the task of an earlier firing had not ended");
    case FiringOutcome::Missed:
      return say.plural("missed %1 time: no overseer or runner was there",
                        "missed %1 times: no overseer or runner was there", firing.missedCount);
  }
  return "";
}

data firingRow(const ScheduleFiring& firing, const Texts& say) {
  data row;
  row.set("id", std::to_string(firing.id));
  setTime(row, "fireOn", firing.fireOn ? firing.fireOn : firing.firedOn);
  row.set("outcome", outcomeText(firing, say));
  if (firing.taskQueueId) row.set("task", std::to_string(*firing.taskQueueId));
  if (firing.taskStatus) {
    data state;
    setStatus(state, toString(stateOfRun(*firing.taskStatus)), say);
    row.set("state", state);
  }
  row.set("duration", durationText(firing.runMs));
  return row;
}

std::string missedText(const ScheduleDefinition& from, const Texts& say) {
  switch (from.missed) {
    case Missed::Skip:
      return say.text("Missed times make no task.");
    case Missed::Once:
      return say.text("One task stands for all missed times.");
    case Missed::All:
      return say.plural("The newest missed time makes a task.",
                        "The newest %1 missed times make a task each.", from.missedLimit);
  }
  return "";
}

std::string overlapText(Overlap overlap, const Texts& say) {
  switch (overlap) {
    case Overlap::Skip:
      return say.text("While a task of it has not ended, no new one is made.");
    case Overlap::Queue:
      return say.text("A new task is made even while an earlier one has not ended.");
    case Overlap::Replace:
      return say.text("A new task replaces one that has not ended.");
  }
  return "";
}

}  // namespace

Answer SchedulePage::show(const Request& request) {
  const auto id = parseId(request);
  const auto schedule = id ? stores_.schedules.findSchedule(*id) : std::nullopt;
  if (!schedule) return notFound("schedule");
  const Texts say = frame_.texts(request);
  const ScheduleDefinition& from = schedule->definition;
  data values;
  values.set("Id", std::to_string(*id));
  setStatus(values, !schedule->problem.empty() ? "failed" : from.enabled ? "open" : "paused", say);
  if (schedule->problem.empty())
    values.set("statusText", from.enabled ? say.text("enabled") : say.text("disabled"));
  values.set("enabled", data(from.enabled));
  if (!schedule->problem.empty()) values.set("problem", schedule->problem);
  values.set("handler", from.taskHandlerClass);
  values.set("handlerQuery", percentEncoded(from.taskHandlerClass));
  values.set("cron", from.cronExpression);
  values.set("zone", from.timeZone);
  values.set("missed", missedText(from, say));
  values.set("overlap", overlapText(from.overlap, say));
  values.set("queue", orDash(from.queue.value_or("")));
  values.set("priority", from.priority ? std::to_string(*from.priority) : "—");
  values.set("tries", from.maxRetries ? std::to_string(*from.maxRetries) : "—");
  setTime(values, "created", schedule->createdOn);
  setTimes(values, from, from.enabled ? schedules_.preview(from, kNextShown) : std::vector<UnixSeconds>(),
           say);
  values.set("dataTree", tree_.html(from.taskData, from.taskHandlerClass, say));
  data rows(data::type::list);
  for (const ScheduleFiring& firing : stores_.schedules.firingsOfSchedule(*id, kFiringsShown))
    rows.push_back(firingRow(firing, say));
  values.set("noFirings", data(rows.is_empty_list()));
  values.set("firings", rows);
  return frame_.page(request, "schedule", say.text("Schedule %1", {from.name}), values);
}

Answer SchedulePage::remove(const Request& request) {
  if (auto problem = refuseOtherFields(request, {"confirmed"})) return *problem;
  const std::string confirmed = formValue(request.form, "confirmed");
  if (!confirmed.empty() && confirmed != "1") return badField("confirmed", "must be 1");
  const auto id = parseId(request);
  const auto schedule = id ? stores_.schedules.findSchedule(*id) : std::nullopt;
  if (!schedule) return notFound("schedule");
  const Texts say = frame_.texts(request);
  const std::string& name = schedule->definition.name;
  if (confirmed == "1") {
    if (!schedules_.remove(*id)) return notFound("schedule");
    return frame_.redirect("schedules", request, {"schedule-removed", name});
  }
  Confirmation question;
  question.title = say.text("Remove schedule %1", {name});
  question.question = say.text("Remove the schedule %1?", {name});
  question.facts = {
      say.text("It makes no further task, and the list of its firings is removed. Its tasks stay."),
      say.text("This cannot be undone. To stop it for a while, disable it instead.")};
  question.action = "schedules/" + std::to_string(*id) + "/remove";
  question.fields = {{"confirmed", "1"}};
  question.confirmText = say.text("Yes, remove it");
  question.isDangerous = true;
  question.back = "schedules/" + std::to_string(*id);
  return confirmationPage(frame_, request, question);
}

}  // namespace taskqueue::web
