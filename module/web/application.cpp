#include "module/web/application.h"

#include <algorithm>
#include <array>

#include "module/json/writer.h"
#include "module/platform/log.h"
#include "module/web/api_scope.h"
#include "module/web/form.h"
#include "module/web/pages/preferences.h"

namespace taskqueue::web {
namespace {

// Limits forms on routes that do not accept large bodies. The form token must be within these first bytes.
constexpr std::size_t kFormBytes = 8192;

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

// Sends no body if the client already has this version.
Response unlessKnown(const Request& request, Response response) {
  for (const auto& [name, value] : response.headers) {
    if (name != "ETag" || value != request.ifNoneMatch) continue;
    response.status = 304;
    response.body.clear();
    break;
  }
  return response;
}

bool wantsPage(const Request& request) {
  constexpr std::array kPrograms{"api", "events", "healthz", "readyz", "metrics"};
  return request.path.empty() ||
         std::find(kPrograms.begin(), kPrograms.end(), request.path.front()) == kPrograms.end();
}

bool isBlank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

// Refuses parameters, fields and bodies that the route does not read, so that none is ignored silently.
std::optional<Problem> findUnread(const Route& route, const Request& request) {
  if (!route.readsQuery && !request.query.empty()) return unknownParameter(request.query.begin()->first);
  if (route.readsBody || route.method == "GET") return std::nullopt;
  if (isForm(route.access)) return refuseOtherFields(request, {});
  if (isBlank(request.body) || request.body == "{}") return std::nullopt;
  return Problem{422, "Unexpected body", "This address takes no body: send the request without one.", {}};
}

// The cache key consists of user, role, language, path and query.
std::string keyOf(const Request& request) {
  std::string key = request.user + '\n' + request.role + '\n' + request.view.language;
  for (const std::string& part : request.path) key += "\n/" + part;
  for (const auto& [name, value] : request.query) key += '\n' + name + '=' + value;
  return key;
}

Problem tooLarge(const std::string& detail) {
  return {413, "Too large", detail, {}};
}

// Decodes the fields of the form. Returns the problem, if any.
std::optional<Problem> readFormOf(Request& request) {
  if (countParameters(request.body) > kMaxFields)
    return tooLarge("A form may have " + std::to_string(kMaxFields) + " fields at the most.");
  auto form = readForm(request.body);
  if (const auto* bad = std::get_if<BadParameter>(&form)) {
    Problem problem = badField(bad->name, bad->problem);
    problem.status = 400;
    return problem;
  }
  request.form = std::get<FormValues>(std::move(form));
  return std::nullopt;
}

std::size_t announcedBytes(const Request& request) {
  return request.readOn ? static_cast<std::size_t>(request.announcedBytes) : request.body.size();
}

void readBodyUpTo(Request& request, std::size_t bytes) {
  if (request.readOn && request.body.size() < bytes) request.readOn(request.body, bytes);
}

Actor actorOf(const Route& route, const Request& request) {
  if (route.access == Access::Api) return {request.token->name, "api"};
  if (isForm(route.access)) return {request.user, "pages"};
  return {};
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

Application::Application(TaskStore& tasks, AuditLog& audit, Api& api, Pages& pages,
                         const Authorizer& authorizer, ResponseCache& recent,
                         const platform::WebConfiguration& configuration)
    : tasks_(tasks),
      audit_(audit),
      pages_(pages),
      authorizer_(authorizer),
      responseCache_(recent),
      bodyBytes_(static_cast<std::size_t>(configuration.bodyBytes)),
      routes_(makeRoutes(api, pages)) {}

// Checks the caller and the token first, since that is cheap. Only then is the body read and decoded.
std::optional<Problem> Application::admit(const Route& route, Request& request) {
  if (auto problem = authorizer_.checkCaller(route.access, request)) return problem;
  if (route.access == Access::Api) {
    if (auto problem = refuseByScope(*request.token, route.need, request, tasks_)) return problem;
  }
  if (route.method == "GET") return std::nullopt;  // a body has no meaning here
  const bool form = isForm(route.access);
  const std::size_t announced = announcedBytes(request);
  if (form) {
    readBodyUpTo(request, std::min(announced, kFormBytes));
    const auto beginning = std::string_view(request.body).substr(0, kFormBytes);
    if (auto problem = authorizer_.checkFormToken(request, formTokenOf(beginning))) return problem;
  }
  if (announced > (form && !route.largeBody ? kFormBytes : bodyBytes_))
    return tooLarge("The body is larger than allowed.");
  readBodyUpTo(request, announced);
  if (request.body.size() < announced)
    return Problem{400, "Incomplete body", "The body is shorter than its Content-Length.", {}};
  return form ? readFormOf(request) : std::nullopt;
}

// Many readers watch the same page, so a recent answer is used again.
Answer Application::answerLive(const Route& route, const Request& request) {
  const std::string key = keyOf(request);
  auto known = responseCache_.find(key);
  if (!known) {
    Answer made = route.handle(request);
    if (std::holds_alternative<Problem>(made)) return made;
    known = responseCache_.keep(key, std::get<Response>(std::move(made)));
  }
  return *known;
}

Response Application::refuse(const Request& request, const Problem& problem) {
  Response response = wantsPage(request) ? pages_.frame.problem(request, problem) : problemJson(problem);
  if (problem.status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
  if (problem.status == 503) response.headers.emplace_back("Retry-After", "5");
  return response;
}

Response Application::dispatch(Request& request) {
  if (request.headProblem) return refuse(request, *request.headProblem);
  if (!request.addressProblem.empty())
    return refuse(request, {400, "Bad address", request.addressProblem, {}});
  std::string allowed;
  for (const Route& route : routes_) {
    if (!matches(route, request)) continue;
    if (route.method != (request.method == "HEAD" ? "GET" : request.method)) {
      allowed += (allowed.empty() ? "" : ", ") + route.method;
      continue;
    }
    if (const auto problem = admit(route, request)) return refuse(request, *problem);
    if (const auto unread = findUnread(route, request)) return refuse(request, *unread);
    audit_.actAs(actorOf(route, request));
    const bool live = request.view.live && route.access == Access::View;
    Answer answer = live ? answerLive(route, request) : route.handle(request);
    if (const auto* problem = std::get_if<Problem>(&answer)) return refuse(request, *problem);
    return unlessKnown(request, std::get<Response>(std::move(answer)));
  }
  if (allowed.empty()) return refuse(request, {404, "Not found", "There is nothing at this address.", {}});
  Response response = refuse(request, {405, "Method not allowed", "Use " + allowed + ".", {}});
  response.headers.emplace_back("Allow", allowed);
  return response;
}

Response Application::handle(Request& request) {
  if (wantsPage(request)) {
    const std::string problem = readView(request, pages_.frame.languages());
    if (request.addressProblem.empty()) request.addressProblem = problem;
  }
  try {
    return dispatch(request);
  } catch (const TooLargeForServer& error) {
    return refuse(request, {413, "Too large for the database", error.what(), {}});
  } catch (const StoreError& error) {
    platform::log(platform::Level::Error, "a request failed", {{"problem", error.what()}});
    if (dynamic_cast<const NoRoomOnServer*>(&error) != nullptr) {
      return refuse(request, {507,
                              "The database is full",
                              "Nothing was changed. The logs of the database server and of "
                              "taskqueue-fcgi name what is full.",
                              {}});
    }
    if (error.kind() == StoreError::Kind::Unavailable || error.kind() == StoreError::Kind::TryAgain) {
      return refuse(request,
                    {503,
                     "The database is unavailable",
                     "A read can be repeated. A change may or may not have been made: repeat it with "
                     "the same Idempotency-Key, or check first.",
                     {}});
    }
  } catch (const std::exception& error) {
    platform::log(platform::Level::Error, "a request failed", {{"problem", error.what()}});
  }
  return refuse(request, {500, "Internal error", "See the log of taskqueue-fcgi.", {}});
}

}  // namespace taskqueue::web
