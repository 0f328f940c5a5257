// This part of Api answers for runners, handlers, pauses, limits, health and the scheduled-task endpoints.
#include <algorithm>
#include <variant>

#include "module/health/health.h"
#include "module/json/health_check.h"
#include "module/json/process_queue_result.h"
#include "module/platform/log.h"
#include "module/queue/utf8_text.h"
#include "module/web/api.h"
#include "module/web/metrics.h"
#include "module/web/queue_events.h"
#include "module/web/task_json.h"

namespace taskqueue::web {
namespace {

constexpr int kMaxRunnersListed = 500;

template <typename Item, typename Write>
Answer listOf(std::string_view name, const std::vector<Item>& items, Write write) {
  json::Writer to;
  writeObjectWithArray(to, name, items, write);
  return answer(to);
}

Answer standaloneAnswer(std::string done) {
  if (done.empty()) {
    return Problem{
        503, "No runner", "A runner could not be started, or one that was started so is still at work.", {}};
  }
  Response response;
  response.body = std::move(done);
  return response;
}

// Returns the reason why no runner was started.
std::string textOfRunnerLimit(const TaskQueue::StandaloneResult& result) {
  const std::string limit = std::to_string(result.limit.limit);
  if (const auto problem = taskqueue::findProblem(result.limit)) return *problem;
  return std::to_string(result.runners) + (result.runners == 1 ? " runner runs" : " runners run") +
         ", and TaskRunnerLimit allows " + limit + ".";
}

std::optional<std::string> findOtherMember(const json::Value& body,
                                           std::initializer_list<std::string_view> known) {
  if (!body.IsObject()) return std::nullopt;
  for (const auto& member : body.GetObject()) {
    const std::string_view name = json::textOf(member.name);
    if (std::find(known.begin(), known.end(), name) == known.end())
      return std::string(cutAtCharacter(name, kQuotedBytes));
  }
  return std::nullopt;
}

// Reads {"Reason": TEXT, "Seconds": N}; both may be left out, and so may the body.
std::variant<PauseTerms, Problem> readTerms(const std::string& text, UnixSeconds now) {
  PauseTerms terms;
  if (text.empty()) return terms;
  const auto parsed = json::read(text, {.bytes = 4000, .depth = 2, .members = 10});
  if (const auto* problem = std::get_if<json::Problem>(&parsed))
    return Problem{400, "Malformed JSON", "The body: " + problem->text + ".", {}};
  const auto& body = std::get<json::Document>(parsed);
  const auto refuse = [](std::string detail) { return Problem{422, "Bad pause", std::move(detail), {}}; };
  if (!body.IsObject()) return refuse("The body must be an object with Reason and Seconds.");
  if (const auto other = findOtherMember(body, {"Reason", "Seconds"}))
    return refuse(*other + " is not known: give Reason and Seconds.");
  if (const auto reason = body.FindMember("Reason"); reason != body.MemberEnd()) {
    if (!reason->value.IsString()) return refuse("Reason must be a text.");
    terms.reason = json::textOf(reason->value);
  }
  if (body.HasMember("Seconds")) {
    const auto seconds = json::integerMember(body, "Seconds");
    if (!seconds || *seconds < 1 || *seconds > kMaxPauseSeconds) {
      return refuse("Seconds must be a whole number from 1 to " + std::to_string(kMaxPauseSeconds) +
                    ", or left out: it is paused until it is resumed.");
    }
    terms.pausedUntil = now + *seconds;
  }
  return terms;
}

}  // namespace

Answer Api::listRunners(const Request&) {
  json::Writer to;
  to.startObject()
      .member("TaskRunnerLimit", dependencies_.stores.handlers.taskRunnerLimit())
      .key("Runners")
      .startArray();
  for (const Runner& runner :
       dependencies_.stores.runners.findRunners(/*onlyRunning=*/false, kMaxRunnersListed))
    writeRunner(to, runner);
  to.endArray().endObject();
  return answer(to);
}

Answer Api::listHandlers(const Request&) {
  return listOf("Handlers", dependencies_.stores.handlers.findHandlers(), writeHandler);
}

Answer Api::listPauses(const Request&) {
  return listOf("Pauses", dependencies_.stores.handlers.findPauses(),
                [](json::Writer& to, const Pause& pause) {
                  to.startObject().member("Kind", toString(pause.kind)).member("Name", pause.name);
                  to.member("PausedOn", pause.pausedOn).member("PausedById", pause.pausedById);
                  to.member("PausedBy", pause.pausedBy).member("Reason", pause.terms.reason);
                  to.member("PausedUntil", pause.terms.pausedUntil).endObject();
                });
}

Answer Api::setPaused(const Request& request, PauseKind kind, bool paused) {
  const std::string name = kind == PauseKind::All ? "" : request.parameters.at("Name");
  const auto terms = paused ? readTerms(request.body, dependencies_.stores.clock.now()) : PauseTerms{};
  if (const auto* problem = std::get_if<Problem>(&terms)) return *problem;
  const auto result = dependencies_.queue.setPaused(kind, name, paused, 0, std::get<PauseTerms>(terms));
  if (const auto& error = result.error)
    return Problem{422, "Bad pause", error->member + " " + error->problem + ".", {}};
  if (!paused) dependencies_.wake({});
  json::Writer to;
  to.startObject().member("Kind", toString(kind)).member("Name", name);
  to.member("Paused", paused).member("Changed", result.changed).member("Known", result.known).endObject();
  return answer(to);
}

Answer Api::pauseAll(const Request& request) {
  return setPaused(request, PauseKind::All, true);
}
Answer Api::resumeAll(const Request& request) {
  return setPaused(request, PauseKind::All, false);
}
Answer Api::pauseQueue(const Request& request) {
  return setPaused(request, PauseKind::Queue, true);
}
Answer Api::resumeQueue(const Request& request) {
  return setPaused(request, PauseKind::Queue, false);
}
Answer Api::pauseHandler(const Request& request) {
  return setPaused(request, PauseKind::Handler, true);
}
Answer Api::resumeHandler(const Request& request) {
  return setPaused(request, PauseKind::Handler, false);
}

Answer Api::askRunner(const Request& request, bool (TaskQueue::*ask)(int)) {
  const auto id = parseId(request);
  if (!id) return notFound("runner");
  if (!(dependencies_.queue.*ask)(*id))
    return Problem{409, "The runner is not running", "The runner has already ended.", {}};
  json::Writer to;
  to.startObject().member("Id", *id).endObject();
  return answer(to, 202);
}

Answer Api::drainRunner(const Request& request) {
  return askRunner(request, &TaskQueue::requestDrain);
}
Answer Api::stopRunner(const Request& request) {
  return askRunner(request, &TaskQueue::requestStop);
}

Answer Api::limitHandler(const Request& request) {
  const auto parsed = json::read(request.body, {.bytes = 1000, .depth = 2, .members = 10});
  if (const auto* problem = std::get_if<json::Problem>(&parsed)) {
    return Problem{400, "Malformed JSON", "The body: " + problem->text + ".", {}};
  }
  const auto& body = std::get<json::Document>(parsed);
  if (const auto other = findOtherMember(body, {"MaxRunning", "MaxRunningPerKey"}))
    return Problem{422, "Bad limit", *other + " is not known: give MaxRunning and MaxRunningPerKey.", {}};
  const auto max = json::integerMember(body, "MaxRunning");
  if (!max) {
    return Problem{422,
                   "Bad limit",
                   "MaxRunning must be given, as a whole number: {\"MaxRunning\": N}, or {\"MaxRunning\": N, "
                   "\"MaxRunningPerKey\": N}; 0 allows any number.",
                   {}};
  }
  const auto maxPerKey = json::integerMember(body, "MaxRunningPerKey");
  if (!maxPerKey && body.HasMember("MaxRunningPerKey")) {
    return Problem{422, "Bad limit", "MaxRunningPerKey must be a whole number, or left out.", {}};
  }
  const std::string& name = request.parameters.at("Name");
  const auto result = dependencies_.queue.setHandlerLimit(name, *max, maxPerKey, 0);
  if (const auto& error = result.error) {
    return Problem{422, "Bad limit", error->member + " " + error->problem + ".", {}};
  }
  dependencies_.wake({});
  json::Writer to;
  to.startObject().member("TaskHandlerClass", name).member("MaxRunning", result.limits.maxRunning);
  to.member("MaxRunningPerKey", result.limits.maxRunningPerKey).member("Known", result.known).endObject();
  return answer(to);
}

std::optional<Problem> Api::findProblem(const TaskQueue::RunnerLimitResult& result) {
  if (const auto& error = result.error)
    return Problem{422, "Bad limit", error->member + " " + error->problem + ".", {}};
  if (result.isChanged) return std::nullopt;
  return Problem{409,
                 "Changed meanwhile",
                 "TaskRunnerLimit was changed by another program or person and is " +
                     std::to_string(result.limit.limit) + " now. Look again, and repeat the change.",
                 {}};
}

Answer Api::limitRunners(const Request& request) {
  const auto parsed = json::read(request.body, {.bytes = 1000, .depth = 2, .members = 10});
  if (const auto* problem = std::get_if<json::Problem>(&parsed)) {
    return Problem{400, "Malformed JSON", "The body: " + problem->text + ".", {}};
  }
  const auto& body = std::get<json::Document>(parsed);
  if (const auto other = findOtherMember(body, {"TaskRunnerLimit"}))
    return Problem{422, "Bad limit", *other + " is not known: give TaskRunnerLimit.", {}};
  const auto wanted = json::integerMember(body, "TaskRunnerLimit");
  if (!wanted) {
    return Problem{
        422, "Bad limit", "TaskRunnerLimit must be given, as a whole number: {\"TaskRunnerLimit\": N}.", {}};
  }
  const auto result = dependencies_.queue.setTaskRunnerLimit(*wanted);
  if (auto problem = findProblem(result)) return *problem;
  return answer(json::Writer().startObject().member("TaskRunnerLimit", result.limit.limit).endObject());
}

Answer Api::metrics(const Request&) {
  Response response;
  response.contentType = "text/plain; version=0.0.4; charset=utf-8";
  response.body = metricsText(dependencies_.stores, checkHealth());
  return response;
}

Answer Api::health(const Request&) {
  return answer(json::Writer().startObject().member("Status", "ok").endObject());
}

Answer Api::readiness(const Request&) {
  std::vector<std::string> problems;
  try {
    if (const auto problem = dependencies_.schemaProblem()) {
      problems.push_back(*problem);
    } else if (dependencies_.queue.getTaskRunnerCount() == 0) {
      problems.emplace_back("no runner is running");
    }
  } catch (const StoreError&) {
    problems.emplace_back("the database cannot be used");
  }
  json::Writer to;
  to.startObject().member("Status", problems.empty() ? "ready" : "not ready").key("Problems").startArray();
  for (const auto& problem : problems) to.value(problem);
  to.endArray().endObject();
  return answer(to, problems.empty() ? 200 : 503);
}

std::vector<health::HealthCheck> Api::checkHealth() {
  return health::checkHealth(dependencies_.stores, dependencies_.schemaProblem,
                             platform::healthSettings(dependencies_.configuration));
}

std::vector<health::HealthCheck> Api::recentHealth() {
  const auto look = [this] { return checkHealth(); };
  return dependencies_.healthCheckCache == nullptr ? look() : dependencies_.healthCheckCache->get(look);
}

Answer Api::healthChecks(const Request&) {
  const auto checks = checkHealth();
  json::Writer to;
  to.startObject().member("Status", toString(worstHealth(checks))).key("Checks").startArray();
  for (const health::HealthCheck& check : checks) {
    to.startObject();
    json::writeHealthCheck(to, check);
    to.endObject();
  }
  to.endArray().endObject();
  return answer(to);
}

Answer Api::onProcess(const Request&) {
  const ProcessQueueResult result = dependencies_.queue.processQueue();
  json::Writer to;
  json::writeProcessQueueResult(to, result);
  if (result.createdTaskRuns + result.repairedTasks + result.firings.fired > 0) dependencies_.wake({});
  return answer(to);
}

Answer Api::onCreateTaskRunners(const Request&) {
  TaskQueue::StandaloneResult result;
  try {
    result = dependencies_.queue.runMissingStandalone();
  } catch (const platform::ConfigurationError& error) {
    platform::log(platform::Level::Error, "no runner can be started", {{"problem", error.what()}});
    return Problem{503, "No runner", "No runner can be started: see the log of taskqueue-fcgi.", {}};
  }
  if (result.isBusy || result.isMissing) return standaloneAnswer(result.done);
  json::Writer to;
  to.startObject().member("StartedTaskRunners", 0).member("TaskRunners", result.runners);
  to.member("TaskRunnerLimit", result.limit.limit).member("Reason", textOfRunnerLimit(result)).endObject();
  return answer(to);
}

Answer Api::onDebug(const Request&) {
  return standaloneAnswer(dependencies_.queue.runStandalone());
}

Answer Api::raiseEvent(const Request& request) {
  QueueEvent event{.name = request.path.back(), .id = {}, .taskHandlerClass = {}, .task = request.body};
  const EventInput input = inputOf(event.name).value_or(EventInput::None);
  const char* needed = input == EventInput::Id                 ? "Id"
                       : input == EventInput::TaskHandlerClass ? "TaskHandlerClass"
                                                               : "";
  for (const auto& [name, value] : request.query) {
    if (name != needed) return unknownParameter(name);
    event.taskHandlerClass = value;
    Request named;
    named.parameters["Id"] = value;
    event.id = parseId(named);
  }
  const bool isMissing = input == EventInput::Id ? !event.id : *needed != '\0' && request.query.empty();
  if (isMissing)
    return Problem{400, "Bad parameter", std::string(needed) + " must be given: ?" + needed + "=….", {}};
  QueueEventAnswer raised = raise(event, dependencies_.stores, dependencies_.queue);
  if (raised.mayHaveDueTasks) dependencies_.wake({});
  if (raised.status == 200) {
    Response response;
    response.body = std::move(raised.content);
    return response;
  }
  Problem problem{raised.status, "The event was refused", raised.problem, {}};
  for (InputError& error : raised.errors) problem.errors.emplace_back(error.member, error.problem);
  return problem;
}

}  // namespace taskqueue::web
