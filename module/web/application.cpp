#include "module/web/application.h"

#include "module/json/writer.h"
#include "module/platform/log.h"
#include "module/web/form.h"

namespace taskqueue::web {
namespace {

constexpr std::size_t kFormBytes = 4096;  // of the buttons on the pages

bool matches(const Route& route, Request& request) {
  if (route.pattern.size() != request.path.size()) return false;
  request.parameters.clear();
  for (std::size_t i = 0; i < route.pattern.size(); ++i) {
    const std::string& part = route.pattern[i];
    if (part.starts_with('{')) {
      request.parameters[part.substr(1, part.size() - 2)] = request.path[i];
    } else if (part != request.path[i]) {
      return false;
    }
  }
  return true;
}

bool wantsPage(const Request& request) {
  if (request.path.empty()) return true;
  const std::string& first = request.path.front();
  return first != "api" && first != "events" && first != "healthz" && first != "readyz";
}

Response problemJson(const Problem& problem) {
  json::Writer to;
  to.startObject()
      .member("type", "about:blank")
      .member("title", problem.title)
      .member("status", problem.status);
  to.member("detail", problem.detail);
  if (!problem.errors.empty()) {
    to.key("errors").startArray();
    for (const auto& [pointer, text] : problem.errors) {
      to.startObject().member("pointer", pointer).member("detail", text).endObject();
    }
    to.endArray();
  }
  to.endObject();
  Response response;
  response.status = problem.status;
  response.contentType = "application/problem+json";
  response.body = to.text();
  return response;
}

}  // namespace

Application::Application(Api& api, Pages& pages, const Gate& gate) : api_(api), pages_(pages), gate_(gate) {
  const auto add = [this](std::string method, std::vector<std::string> pattern, Access access,
                          std::function<Answer(const Request&)> handle) {
    routes_.push_back({std::move(method), std::move(pattern), access, std::move(handle)});
  };
  const auto onApi = [this](Answer (Api::*method)(const Request&)) {
    return [this, method](const Request& request) { return (api_.*method)(request); };
  };
  const auto onPages = [this](Answer (Pages::*method)(const Request&)) {
    return [this, method](const Request& request) { return (pages_.*method)(request); };
  };
  const auto asForm = [this](Answer (Api::*method)(const Request&)) {
    return [this, method](const Request& request) -> Answer {
      return pages_.backToTask(request, (api_.*method)(request));
    };
  };
  add("GET", {"healthz"}, Access::Open, onApi(&Api::health));
  add("GET", {"readyz"}, Access::Open, onApi(&Api::readiness));
  add("POST", {"api", "v1", "tasks"}, Access::Api, onApi(&Api::addTasks));
  add("GET", {"api", "v1", "tasks"}, Access::Api, onApi(&Api::listTasks));
  add("GET", {"api", "v1", "tasks", "{Id}"}, Access::Api, onApi(&Api::showTask));
  add("POST", {"api", "v1", "tasks", "retry"}, Access::Api, onApi(&Api::retryTasks));
  add("POST", {"api", "v1", "tasks", "cancel"}, Access::Api, onApi(&Api::cancelTasks));
  add("POST", {"api", "v1", "tasks", "{Id}", "cancel"}, Access::Api, onApi(&Api::cancelTask));
  add("POST", {"api", "v1", "tasks", "{Id}", "retry"}, Access::Api, onApi(&Api::retryTask));
  add("GET", {"api", "v1", "runs", "{Id}"}, Access::Api, onApi(&Api::showRun));
  add("GET", {"api", "v1", "runs", "{Id}", "output"}, Access::Api, onApi(&Api::showOutput));
  add("GET", {"api", "v1", "runners"}, Access::Api, onApi(&Api::listRunners));
  add("GET", {"api", "v1", "handlers"}, Access::Api, onApi(&Api::listHandlers));
  add("GET", {"api", "v1", "health"}, Access::Api, onApi(&Api::healthChecks));
  add("GET", {"api", "v1", "pauses"}, Access::Api, onApi(&Api::listPauses));
  add("POST", {"api", "v1", "queues", "{Name}", "pause"}, Access::Api, onApi(&Api::pauseQueue));
  add("POST", {"api", "v1", "queues", "{Name}", "resume"}, Access::Api, onApi(&Api::resumeQueue));
  add("POST", {"api", "v1", "handlers", "{Name}", "pause"}, Access::Api, onApi(&Api::pauseHandler));
  add("POST", {"api", "v1", "handlers", "{Name}", "resume"}, Access::Api, onApi(&Api::resumeHandler));
  add("POST", {"api", "v1", "handlers", "{Name}", "limit"}, Access::Api, onApi(&Api::limitHandler));
  add("GET", {"api", "v1", "schedules"}, Access::Api, onApi(&Api::listSchedules));
  add("POST", {"api", "v1", "schedules"}, Access::Api, onApi(&Api::addSchedule));
  add("GET", {"api", "v1", "schedules", "{Id}"}, Access::Api, onApi(&Api::showSchedule));
  add("PUT", {"api", "v1", "schedules", "{Id}"}, Access::Api, onApi(&Api::changeSchedule));
  add("DELETE", {"api", "v1", "schedules", "{Id}"}, Access::Api, onApi(&Api::removeSchedule));
  add("POST", {"api", "v1", "schedules", "{Id}", "enable"}, Access::Api, onApi(&Api::enableSchedule));
  add("POST", {"api", "v1", "schedules", "{Id}", "disable"}, Access::Api, onApi(&Api::disableSchedule));
  add("POST", {"api", "v1", "schedules", "{Id}", "fire"}, Access::Api, onApi(&Api::fireSchedule));
  add("POST", {"events", "task-queue:OnProcess"}, Access::Event, onApi(&Api::onProcess));
  add("POST", {"events", "task-queue:OnCreateTaskRunners"}, Access::Event, onApi(&Api::onCreateTaskRunners));
  add("POST", {"events", "task-queue:OnDebug"}, Access::Event, onApi(&Api::onDebug));
  add("GET", {}, Access::View, onPages(&Pages::home));
  add("GET", {"tasks"}, Access::View, onPages(&Pages::tasks));
  add("GET", {"tasks", "{Id}"}, Access::View, onPages(&Pages::task));
  add("POST", {"tasks", "{Id}", "cancel"}, Access::Change, asForm(&Api::cancelTask));
  add("POST", {"tasks", "{Id}", "retry"}, Access::Change, asForm(&Api::retryTask));
  add("GET", {"runs", "{Id}"}, Access::View, onPages(&Pages::run));
  add("GET", {"runners"}, Access::View, onPages(&Pages::runners));
  add("GET", {"health"}, Access::View, onPages(&Pages::health));
}

Response Application::refuse(const Request& request, const Problem& problem) {
  Response response = wantsPage(request) ? pages_.problemPage(request, problem) : problemJson(problem);
  if (problem.status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
  if (problem.status == 503) response.headers.emplace_back("Retry-After", "5");
  return response;
}

Response Application::dispatch(Request& request) {
  std::string allowed;
  for (const Route& route : routes_) {
    if (!matches(route, request)) continue;
    if (route.method != (request.method == "HEAD" ? "GET" : request.method)) {
      allowed += (allowed.empty() ? "" : ", ") + route.method;
      continue;
    }
    const bool isForm = route.access == Access::Change;
    const bool tooLarge = request.bodyTooLarge || (isForm && request.body.size() > kFormBytes);
    const std::string token = isForm && !tooLarge ? formValue(request.body, "form_token") : "";
    if (const auto problem = gate_.check(route.access, request, token)) return refuse(request, *problem);
    if (tooLarge) return refuse(request, {413, "Too large", "The body is larger than allowed.", {}});
    Answer answer = route.handle(request);
    if (const auto* problem = std::get_if<Problem>(&answer)) return refuse(request, *problem);
    return std::get<Response>(std::move(answer));
  }
  if (allowed.empty()) return refuse(request, {404, "Not found", "There is nothing at this address.", {}});
  Response response = refuse(request, {405, "Method not allowed", "Use " + allowed + ".", {}});
  response.headers.emplace_back("Allow", allowed);
  return response;
}

Response Application::handle(Request& request) {
  try {
    return dispatch(request);
  } catch (const StoreError& error) {
    platform::log(platform::Level::Error, "a request failed", {{"problem", error.what()}});
    if (error.kind() == StoreError::Kind::Unavailable || error.kind() == StoreError::Kind::TryAgain) {
      return refuse(request,
                    {503,
                     "The database cannot be used now",
                     "Whether the request was carried out is not known when it was a change: repeat it, "
                     "with an Idempotency-Key where one is honoured.",
                     {}});
    }
  } catch (const std::exception& error) {
    platform::log(platform::Level::Error, "a request failed", {{"problem", error.what()}});
  }
  return refuse(request, {500, "Internal error", "The log of taskqueue-fcgi tells more.", {}});
}

}  // namespace taskqueue::web
