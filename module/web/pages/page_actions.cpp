#include "module/web/pages/page_actions.h"

#include <algorithm>

#include "module/queue/whole_number.h"
#include "module/web/form.h"
#include "module/web/pages/confirmation.h"
#include "module/web/pages/preferences.h"

namespace taskqueue::web {
namespace {

constexpr std::size_t kMaxBackBytes = 2000;

// Returns whether the path stays below our base path: it must have no scheme or host.
bool isOwnPlace(const std::string& path) {
  return path.size() <= kMaxBackBytes && !path.starts_with('/') && !path.starts_with('\\') &&
         std::all_of(path.begin(), path.end(), [](char c) { return c > 0x20 && c < 0x7F && c != '\\'; });
}

}  // namespace

Response PageActions::done(const Request& request, const std::string& page, const Flash& flash) const {
  const std::string back = formValue(request.form, "back");
  return frame_.redirect(!back.empty() && isOwnPlace(back) ? back : page, request, flash);
}

Answer PageActions::asByApi(ApiOperation operation, const Request& request, std::string page,
                            const std::string& done) {
  if (auto problem = refuseOtherFields(request, {"back"})) return *problem;
  constexpr std::string_view kId = "{Id}";
  Request plain = request;
  plain.body.clear();  // the form; the API would read JSON
  Answer outcome = (api_.*operation)(plain);
  if (std::holds_alternative<Problem>(outcome)) return outcome;
  if (page.ends_with(kId))
    page.replace(page.size() - kId.size(), kId.size(), std::to_string(parseId(request).value_or(0)));
  return this->done(request, page, {done, request.parameters.begin()->second});
}

Answer PageActions::cancelTask(const Request& request) {
  constexpr int kRequested = 202;
  if (auto problem = refuseOtherFields(request, {"back"})) return *problem;
  const Answer outcome = api_.cancelTask(request);
  if (std::holds_alternative<Problem>(outcome)) return outcome;
  const std::string id = std::to_string(parseId(request).value_or(0));
  const bool isRunning = std::get<Response>(outcome).status == kRequested;
  return done(request, "tasks/" + id, {isRunning ? "stopping" : "cancelled", id});
}

Response PageActions::askAboutRunningAgain(const Request& request, const Task& task) const {
  const Texts say = frame_.texts(request);
  const std::string id = std::to_string(task.id);
  Confirmation question;
  question.title = say.text("Run task %1 again", {id});
  question.question = say.text("This task has succeeded. Run it again?");
  question.facts = {say.text("Whatever it did is done a second time, such as a mail that it sent.")};
  question.tasks = {task};
  question.action = "tasks/" + id + "/retry";
  question.fields = {{"confirmed", "1"}, {"Was", std::string(toString(RunStatus::Success))}};
  question.confirmText = say.text("Yes, run it again");
  question.isDangerous = true;
  question.back = "tasks/" + id;
  return confirmationPage(frame_, request, question);
}

Answer PageActions::retryTask(const Request& request) {
  if (auto problem = refuseOtherFields(request, {"back", "confirmed", "Was"})) return *problem;
  const auto id = parseId(request);
  const auto task = id ? tasks_.findTask(*id) : std::nullopt;
  if (!task) return notFound("task");
  std::optional<RunStatus> was;
  if (const std::string word = formValue(request.form, "Was"); !word.empty()) {
    was = parseRunStatus(word);
    if (!was) return badField("Was", "must be a status of a task");
  }
  const std::string confirmed = formValue(request.form, "confirmed");
  if (!confirmed.empty() && confirmed != "1") return badField("confirmed", "must be 1");
  if (task->lastStatus == RunStatus::Success && confirmed.empty())
    return askAboutRunningAgain(request, *task);
  if (auto problem = Api::findProblem(queue_.retryTask(*id, was))) return *problem;
  wake_();
  const bool waited = task->nextRunOn || !task->parkedReason.empty();
  const auto now = tasks_.findWaitFacts(*id);
  const bool waitsAgain = now && now->task.nextRunOn.value_or(0) > now->now;
  return done(request, "tasks/" + std::to_string(*id),
              {waitsAgain ? "restored"
               : waited   ? "due"
                          : "retried",
               std::to_string(*id)});
}

Answer PageActions::fireSchedule(const Request& request) {
  if (auto problem = refuseOtherFields(request, {"back"})) return *problem;
  const Answer outcome = api_.fireSchedule(request);
  if (std::holds_alternative<Problem>(outcome)) return outcome;
  const auto read = json::read(std::get<Response>(outcome).body, {.bytes = 1000, .depth = 2, .members = 10});
  const auto& made = std::get<json::Document>(read);
  const std::string task = std::to_string(json::integerMember(made, "TaskQueueId").value_or(0));
  const bool isNew = made.HasMember("Created") && made["Created"].IsTrue();
  return done(request, "schedules", {isNew ? "schedule-fired" : "schedule-skipped", task});
}

Answer PageActions::pauseAll(const Request& request) {
  if (auto problem = refuseOtherFields(request, {"back", "Reason", "Seconds"})) return *problem;
  PauseTerms terms{.reason = formValue(request.form, "Reason"), .pausedUntil = std::nullopt};
  if (const std::string given = formValue(request.form, "Seconds"); !given.empty()) {
    const auto seconds = wholeNumber(given);
    if (!seconds || *seconds < 1 || *seconds > kMaxPauseSeconds)
      return badField("Seconds", "must be from 1 to " + std::to_string(kMaxPauseSeconds));
    terms.pausedUntil = clock_.now() + *seconds;
  }
  const auto result = queue_.setPaused(PauseKind::All, "", true, 0, terms);
  if (const auto& bad = result.error) return badField(bad->member, bad->problem);
  return done(request, "queues", {"all-paused", ""});
}

Answer PageActions::resumeAll(const Request& request) {
  if (auto problem = refuseOtherFields(request, {"back"})) return *problem;
  queue_.setPaused(PauseKind::All, "", false, 0);
  wake_();
  return done(request, "queues", {"all-resumed", ""});
}

Answer PageActions::limitHandler(const Request& request) {
  if (auto problem = refuseOtherFields(request, {"MaxRunning"})) return *problem;
  const auto max = wholeNumber(formValue(request.form, "MaxRunning"));
  if (!max) return Problem{422, "Bad limit", "The limit must be a whole number; 0 means unlimited.", {}};
  const auto result = queue_.setHandlerLimit(request.parameters.at("Name"), *max, std::nullopt, 0);
  if (const auto& bad = result.error)
    return Problem{422, "Bad limit", bad->member + " " + bad->problem + ".", {}};
  wake_();
  return done(request, "handlers", {"handler-limit", request.parameters.at("Name")});
}

Answer PageActions::limitRunners(const Request& request) {
  if (auto problem = refuseOtherFields(request, {"TaskRunnerLimit", "Shown"})) return *problem;
  const auto wanted = wholeNumber(formValue(request.form, "TaskRunnerLimit"));
  const auto shown = wholeNumber(formValue(request.form, "Shown"));
  if (!wanted || !shown) return Problem{422, "Bad limit", "TaskRunnerLimit must be a whole number.", {}};
  const auto result = queue_.setTaskRunnerLimit(*wanted, *shown);
  if (auto problem = Api::findProblem(result)) return *problem;
  return done(request, "runners", {"runner-limit", std::to_string(*wanted)});
}

Answer PageActions::chooseView(const Request& request) {
  if (auto problem = refuseOtherFields(request, {"back", "lang", "theme"})) return *problem;
  const std::string back = formValue(request.form, "back");
  Response response = frame_.redirect(isOwnPlace(back) ? back : "");
  const auto& languages = frame_.languages();
  if (request.form.contains("theme")) {
    const std::string theme = formValue(request.form, "theme");
    if (!isTheme(theme)) return badField("theme", "must be auto, light, dark or inportal");
    const char* name = request.view.embedded ? "frame_theme" : "theme";
    response.headers.emplace_back("Set-Cookie", choiceCookie(name, theme, frame_.base()));
  }
  if (request.form.contains("lang")) {
    const std::string language = formValue(request.form, "lang");
    if (std::find(languages.begin(), languages.end(), language) == languages.end())
      return badField("lang", "must be one of the languages of these pages");
    response.headers.emplace_back("Set-Cookie", choiceCookie("lang", language, frame_.base()));
  }
  return response;
}

}  // namespace taskqueue::web
