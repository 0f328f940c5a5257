#include "module/web/api.h"

#include <algorithm>
#include <cctype>
#include <map>

#include "module/json/masking.h"
#include "module/json/task_data.h"
#include "module/platform/secret.h"
#include "module/queue/task_state.h"
#include "module/queue/whole_number.h"
#include "module/web/api_scope.h"
#include "module/web/cms_events.h"
#include "module/web/run_files.h"
#include "module/web/task_json.h"

namespace taskqueue::web {
namespace {

// A list request that takes longer returns what it has found; the client goes on with `after`.
constexpr std::chrono::seconds kListTimeLimit{1};
constexpr std::int64_t kOutputBytes = 256 << 10;  // most output in one answer

std::string_view trimmed(std::string_view text) {
  const auto from = text.find_first_not_of(" \t");
  return from == std::string_view::npos ? "" : text.substr(from, text.find_last_not_of(" \t") - from + 1);
}

bool isPrintableAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

// Adds one query parameter to the filter. Returns the problem, if any.
std::optional<Problem> takeFilter(const std::string& name, const std::string& value, TaskFilter& filter) {
  const std::map<std::string, std::optional<std::string> TaskFilter::*> texts{
      {"TaskHandlerClass", &TaskFilter::taskHandlerClass},
      {"Queue", &TaskFilter::queue},
      {"q", &TaskFilter::titlePart},
      {"ErrorCode", &TaskFilter::errorCode}};
  const auto text = texts.find(name);
  const bool isTime = name == "QueuedFrom" || name == "QueuedUntil";
  if (text == texts.end() && name != "LastStatus" && name != "State" && !isTime)
    return unknownParameter(name);
  if (value.empty()) return emptyFilter(name);
  if (isTime) {
    auto& time = name == "QueuedFrom" ? filter.queuedFrom : filter.queuedUntil;
    time = wholeNumber(value, 0, kLastSecond);
    if (!time) return badParameter(name, "must be unix seconds");
  } else if (name == "LastStatus") {
    filter.lastStatus = parseRunStatus(value);
    if (!filter.lastStatus)
      return badParameter(name, "must be scheduled, running, success, error, timeout or cancelled");
  } else if (name == "State") {
    filter.state = parseTaskState(value);
    if (!filter.state) return badParameter(name, std::string("must be ") + kTaskStateWords);
  } else {
    filter.*text->second = value;
  }
  return std::nullopt;
}

Problem unprocessable(const std::vector<InputError>& errors) {
  Problem problem{422, "The tasks were not accepted", "Nothing was written.", {}};
  for (const InputError& error : errors) problem.errors.emplace_back(error.member, error.problem);
  return problem;
}

}  // namespace

Response answer(const json::Writer& content, int status) {
  Response response;
  response.status = status;
  response.body = content.text();
  return response;
}

std::optional<int> parseId(const Request& request) {
  const auto found = request.parameters.find("Id");
  if (found == request.parameters.end()) return std::nullopt;
  const auto id = wholeNumber(found->second, 1, INT32_MAX);
  return id ? std::optional(static_cast<int>(*id)) : std::nullopt;
}

Problem notFound(const std::string& what) {
  return {404, "Not found", "There is no such " + what + ".", {}};
}

std::variant<TaskFilter, Problem> parseFilter(const Request& request) {
  TaskFilter filter;
  for (const auto& [name, value] : request.query) {
    if (name == "after" || name == "limit") {
      const std::int64_t max = name == "limit" ? kMaxListed : INT32_MAX;
      const auto number = wholeNumber(value, 1, max);
      if (!number) return badParameter(name, "must be a whole number from 1 to " + std::to_string(max));
      if (name == "after") filter.beforeId = static_cast<int>(*number);
      if (name == "limit") filter.limit = static_cast<int>(*number);
    } else if (auto problem = takeFilter(name, value, filter)) {
      return *problem;
    }
  }
  return filter;
}

bool isJson(const std::string& contentType) {
  std::string_view rest = contentType;
  const auto part = [&rest] {
    const auto end = rest.find(';');
    std::string word(trimmed(rest.substr(0, end)));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    std::transform(word.begin(), word.end(), word.begin(), [](unsigned char c) { return std::tolower(c); });
    return word;
  };
  if (part() != "application/json") return false;
  while (!rest.empty()) {
    const std::string parameter = part();
    const bool isOther =
        parameter.starts_with("charset=") && parameter != "charset=utf-8" && parameter != "charset=\"utf-8\"";
    if (isOther) return false;
  }
  return true;
}

std::variant<json::Document, Problem> readBody(const Request& request, const json::Limits& limits) {
  auto parsed = json::read(request.body, limits);
  if (auto* document = std::get_if<json::Document>(&parsed)) return std::move(*document);
  const auto& problem = std::get<json::Problem>(parsed);
  const bool large = problem.kind == json::Problem::Kind::TooLarge;
  return Problem{
      large ? 413 : 400, large ? "Too large" : "Malformed JSON", "The body: " + problem.text + ".", {}};
}

Answer Api::addTasks(const Request& request) {
  if (!isJson(request.contentType)) {
    return Problem{415, "Unsupported media type", "Send the tasks as application/json.", {}};
  }
  const auto& requestKey = request.idempotencyKey;
  if (requestKey &&
      (requestKey->empty() || requestKey->size() > kIdempotencyKeyBytes || !isPrintableAscii(*requestKey))) {
    return Problem{400,
                   "Bad header",
                   "Idempotency-Key must be 1 to " + std::to_string(kIdempotencyKeyBytes) +
                       " printable ASCII characters.",
                   {}};
  }
  const QueueLimits& limits = dependencies_.configuration.limits;
  const json::Limits bodyLimits{.bytes = dependencies_.configuration.web.bodyBytes,
                                .depth = limits.taskDataDepth + 2,
                                .members = limits.tasksPerRequest * 16 + limits.taskDataMembers,
                                .exactNumbers = true};
  const auto parsed = readBody(request, bodyLimits);
  if (const auto* problem = std::get_if<Problem>(&parsed)) return *problem;
  const auto& body = std::get<json::Document>(parsed);

  std::vector<NewTask> tasks;
  std::vector<InputError> errors;
  const auto take = [&](const json::Value& object, const std::string& prefix) {
    auto read = parseNewTask(object, prefix);
    if (auto* task = std::get_if<NewTask>(&read)) {
      tasks.push_back(std::move(*task));
    } else {
      for (auto& error : std::get<std::vector<InputError>>(read)) errors.push_back(std::move(error));
    }
  };
  if (body.IsArray()) {
    if (body.Size() > static_cast<unsigned>(limits.tasksPerRequest)) {
      return Problem{413,
                     "Too many tasks",
                     "At most " + std::to_string(limits.tasksPerRequest) + " in one request.",
                     {}};
    }
    for (unsigned i = 0; i < body.Size(); ++i) take(body[i], "/" + std::to_string(i));
  } else {
    take(body, "");
  }
  if (!errors.empty()) return unprocessable(errors);
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    if (auto problem = request.token ? refuseByScope(*request.token, tasks[i]) : std::nullopt)
      return *problem;
    const auto& allowed = dependencies_.configuration.web.cmsEvents;
    if (auto error = refuseCmsEvent(tasks[i].taskHandlerClass, tasks[i].taskData, allowed)) {
      if (body.IsArray()) error->member.insert(0, "/" + std::to_string(i));
      errors.push_back(std::move(*error));
    }
  }
  if (!errors.empty()) return unprocessable(errors);

  std::optional<IdempotencyKey> key;
  if (requestKey) key = {*requestKey, platform::sha256Hex(request.body)};
  const AddResult result = dependencies_.queue.addTasks(tasks, key);
  if (!result.errors.empty()) return unprocessable(result.errors);
  if (result.outcome.keyMisused) {
    return Problem{422, "Idempotency-Key reused", "This key was used for another request.", {}};
  }
  std::vector<int> newTasks;
  for (const AddedTask& task : result.outcome.tasks) newTasks.push_back(task.id);
  dependencies_.wake(newTasks);

  bool anyNew = false;
  json::Writer to;
  const auto write = [&](const AddedTask& task) {
    anyNew = anyNew || task.created;
    to.startObject().member("Id", task.id).member("Created", task.created);
    if (task.replacedId) to.member("Replaced", *task.replacedId);
    to.endObject();
  };
  if (body.IsArray()) to.startArray();
  for (const AddedTask& task : result.outcome.tasks) write(task);
  if (body.IsArray()) to.endArray();
  Response response = answer(to, anyNew ? 201 : 200);
  if (result.outcome.replayed) {
    response.headers.emplace_back("Idempotent-Replayed", "true");
  }
  return response;
}

Answer Api::listTasks(const Request& request) {
  auto filter = parseFilter(request);
  if (auto* problem = std::get_if<Problem>(&filter)) return *problem;
  TaskGridRequest wanted;
  wanted.filter = std::get<TaskFilter>(filter);
  wanted.timeLimit = kListTimeLimit;
  const TaskGrid grid = dependencies_.stores.statistics.readTaskGrid(wanted);
  json::Writer to;
  const auto rest = placeToGoOn(grid, wanted.order);
  writeTaskList(to, grid.tasks, rest ? std::optional(rest->id) : std::nullopt);
  return answer(to);
}

Answer Api::showTask(const Request& request) {
  const auto id = parseId(request);
  auto facts = id ? dependencies_.stores.tasks.findWaitFacts(*id) : std::nullopt;
  if (!facts) return notFound("task");
  auto runs = dependencies_.stores.tasks.runsOfTask(*id);
  hideSecrets(request, facts->task.taskData, facts->task.taskHandlerClass);
  for (Run& run : runs)
    if (run.results) hideSecrets(request, *run.results, facts->task.taskHandlerClass);
  json::Writer to;
  writeTaskWithRuns(to, *facts, dependencies_.stores.tasks.findNotification(*id), runs);
  return answer(to);
}

void Api::hideSecrets(const Request& request, std::string& stored,
                      const std::string& taskHandlerClass) const {
  if (!request.token || request.token->role != ApiRole::View) return;
  stored =
      json::Masker(dependencies_.configuration.web.sensitiveMembers).maskedText(stored, taskHandlerClass);
}

Answer Api::cancelTask(const Request& request) {
  const auto id = parseId(request);
  if (!id) return notFound("task");
  switch (dependencies_.queue.cancelTask(*id)) {
    case CancelOutcome::Cancelled:
      return answer(json::Writer().startObject().member("Outcome", "cancelled").endObject());
    case CancelOutcome::Requested:
      return answer(json::Writer().startObject().member("Outcome", "requested").endObject(), 202);
    case CancelOutcome::AlreadyEnded:
      return Problem{409, "The task has ended", "There is nothing left to cancel.", {}};
    case CancelOutcome::NoSuchTask:
      break;
  }
  return notFound("task");
}

std::optional<Problem> Api::findProblem(RetryOutcome outcome) {
  switch (outcome) {
    case RetryOutcome::Scheduled:
      return std::nullopt;
    case RetryOutcome::StillRunning:
      return Problem{409, "The task is running", "Cancel it first, or wait until it ends.", {}};
    case RetryOutcome::KeyTaken:
      return Problem{409, "The unique key is taken", "Another unfinished task has the same UniqueKey.", {}};
    case RetryOutcome::StatusChanged:
      return Problem{409, "The task has changed meanwhile", "Look at it again, and repeat the action.", {}};
    case RetryOutcome::NoSuchTask:
      break;
  }
  return notFound("task");
}

Answer Api::retryTask(const Request& request) {
  const auto id = parseId(request);
  if (!id) return notFound("task");
  if (auto problem = findProblem(dependencies_.queue.retryTask(*id))) return *problem;
  dependencies_.wake({});
  return answer(json::Writer().startObject().member("Outcome", "scheduled").endObject());
}

// Enqueues a task that applies the action to every task that matches the query's filter. A runner executes
// it.
Answer Api::addBulkTask(const Request& request, BulkAction action) {
  const auto filter = parseFilter(request);
  if (const auto* problem = std::get_if<Problem>(&filter)) return *problem;
  for (const char* name : {"after", "limit"}) {
    if (request.query.contains(name)) return badParameter(name, "is not allowed here");
  }
  if (request.query.empty()) {
    return Problem{422,
                   "No filter",
                   std::string("Name the tasks in the query, for example ") +
                       (action == BulkAction::Retry ? "?LastStatus=error" : "?TaskHandlerClass=…") +
                       ". All parameters of the task list are allowed, except after and limit.",
                   {}};
  }
  if (action == BulkAction::Retry && !std::get<TaskFilter>(filter).lastStatus &&
      !std::get<TaskFilter>(filter).state) {
    Problem problem = badParameter("LastStatus", "must be given: error, timeout or cancelled");
    problem.status = 422;
    return problem;
  }
  const AddResult result = dependencies_.queue.addTask(bulkTask(action, std::get<TaskFilter>(filter)));
  if (!result.errors.empty()) return unprocessable(result.errors);
  dependencies_.wake({});
  return answer(json::Writer().startObject().member("Id", result.outcome.tasks.at(0).id).endObject(), 202);
}

Answer Api::retryTasks(const Request& request) {
  return addBulkTask(request, BulkAction::Retry);
}

Answer Api::cancelTasks(const Request& request) {
  return addBulkTask(request, BulkAction::Cancel);
}

Answer Api::showRun(const Request& request) {
  const auto id = parseId(request);
  auto run = id ? dependencies_.stores.tasks.findRun(*id) : std::nullopt;
  if (!run) return notFound("run");
  if (run->results) {
    const auto task = dependencies_.stores.tasks.findTask(run->taskQueueId);
    hideSecrets(request, *run->results, task ? task->taskHandlerClass : "");
  }
  json::Writer to;
  writeRun(to, *run);
  return answer(to);
}

Answer Api::listFiles(const Request& request) {
  return listRunFiles(dependencies_.stores.tasks, request);
}

Answer Api::sendFile(const Request& request) {
  return sendRunFile(dependencies_.stores.tasks, request);
}

Answer Api::showOutput(const Request& request) {
  OutputStream stream = OutputStream::StandardOutput;
  std::int64_t offset = 0;
  for (const auto& [name, value] : request.query) {
    if (name == "stream") {
      if (value != "stdout" && value != "stderr") return badParameter(name, "must be stdout or stderr");
      if (value == "stderr") stream = OutputStream::ErrorOutput;
    } else if (name == "offset") {
      const auto number = wholeNumber(value, 0, INT64_MAX);
      if (!number) return badParameter(name, "must be a whole number from 0");
      offset = *number;
    } else {
      return unknownParameter(name);
    }
  }
  const auto id = parseId(request);
  const auto slice =
      id ? dependencies_.stores.tasks.readOutput(*id, stream, offset, kOutputBytes) : std::nullopt;
  if (!slice) return notFound("run");
  json::Writer to;
  to.startObject().member("Offset", slice->offset).member("NextOffset", slice->nextOffset);
  to.member("TotalBytes", slice->totalBytes).member("DroppedBytes", slice->droppedBytes);
  to.member("Complete", slice->complete).member("Content", slice->content).endObject();
  return answer(to);
}

}  // namespace taskqueue::web
