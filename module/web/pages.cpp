#include "module/web/pages.h"

#include <array>
#include <ctime>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "module/web/form.h"
#include "module/web/health.h"

namespace taskqueue::web {
namespace {

using kainjow::mustache::data;
using List = kainjow::mustache::data;

constexpr std::array kTemplates{"layout", "tasks", "task", "run", "runners", "health", "problem"};
constexpr std::array kStatuses{RunStatus::Scheduled, RunStatus::Running, RunStatus::Success,
                               RunStatus::Error,     RunStatus::Timeout, RunStatus::Cancelled};
constexpr std::int64_t kOutputShown = 64 << 10;  // the end of each stream on the run's page

std::string timeText(const std::optional<UnixSeconds>& time) {
  if (!time) return "—";
  const std::time_t seconds = static_cast<std::time_t>(*time);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 40> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S UTC", &parts);
  return text.data();
}

std::string durationText(const std::optional<std::int64_t>& milliseconds) {
  if (!milliseconds) return "—";
  if (*milliseconds < 10000) return std::to_string(*milliseconds) + " ms";
  const std::int64_t seconds = *milliseconds / 1000;
  if (seconds < 120) return std::to_string(seconds) + " s";
  return std::to_string(seconds / 60) + " min " + std::to_string(seconds % 60) + " s";
}

std::string bytesText(std::int64_t bytes) {
  return std::to_string(bytes) + " bytes";
}

std::string whereItStands(const Task& task) {
  if (task.superseded && task.lastStatus == RunStatus::Running)
    return "A runner works on it; a newer task has taken its unique key, so that it is not tried again.";
  if (task.superseded) return "A newer task has taken its unique key.";
  if (!task.parkedReason.empty()) return "Parked: " + task.parkedReason + ".";
  if (task.lastStatus == RunStatus::Running) return "A runner works on it.";
  if (!task.nextRunOn) {
    if (isFailure(task.lastStatus)) return "It has failed and is not tried again by itself.";
    return "It has ended.";
  }
  if (isFailure(task.lastStatus)) return "It failed and is tried again at " + timeText(task.nextRunOn) + ".";
  return "It waits; due at " + timeText(*task.nextRunOn == kNotLookedAt ? task.scheduledOn : task.nextRunOn) +
         ".";
}

void describe(data& to, const Task& task) {
  to.set("Id", std::to_string(task.id));
  to.set("TaskHandlerClass", task.taskHandlerClass);
  to.set("Title", task.title);
  to.set("LastStatus", std::string(wordOf(task.lastStatus)));
  to.set("Queue", task.queue);
  to.set("Priority", std::to_string(task.priority));
  to.set("QueuedOn", timeText(task.queuedOn));
  to.set("QueuedById", std::to_string(task.queuedById));
  to.set("ScheduledOn", timeText(task.scheduledOn));
  to.set("TaskRunsFailed", std::to_string(task.taskRunsFailed));
  to.set("MaxRetries", std::to_string(task.maxRetries));
  to.set("UniqueKey", task.uniqueKey.value_or("—"));
  to.set("TaskData", task.taskData);
  to.set("whereItStands", whereItStands(task));
}

void describe(data& to, const Run& run) {
  to.set("Id", std::to_string(run.id));
  to.set("TaskQueueId", std::to_string(run.taskQueueId));
  to.set("Attempt", std::to_string(run.attempt));
  to.set("Status", std::string(wordOf(run.status)));
  to.set("StartedOn", timeText(run.startedOn));
  to.set("FinishedOn", timeText(run.finishedOn));
  to.set("PercentsCompleted", std::to_string(run.percentsCompleted));
  to.set("ProgressNote", run.progressNote);
  to.set("ErrorCode", run.errorCode);
  to.set("ErrorMessage", run.errorMessage);
  to.set("hasError", data(!run.errorCode.empty()));
  to.set("TaskRunnerId", run.taskRunnerId ? std::to_string(*run.taskRunnerId) : "—");
  to.set("duration", durationText(run.runMs));
  to.set("Results", run.results.value_or(""));
  to.set("hasResults", data(run.results.has_value()));
  to.set("ExitStatus", run.use.exitStatus ? std::to_string(*run.use.exitStatus) : "—");
  to.set("ExitSignal", run.use.exitSignal ? std::to_string(*run.use.exitSignal) : "—");
  to.set("cpu", durationText(run.use.userCpuMs) + " user, " + durationText(run.use.systemCpuMs) + " system");
  to.set("MaxRssKb", run.use.maxRssKb ? std::to_string(*run.use.maxRssKb) + " KiB" : "—");
}

}  // namespace

Templates::Templates(const std::string& directory) {
  for (const char* name : kTemplates) {
    const std::string path = directory + "/" + name + ".html";
    std::ifstream file(path);
    if (!file) throw std::runtime_error("cannot read the template " + path);
    std::ostringstream text;
    text << file.rdbuf();
    if (kainjow::mustache::mustache parsed(text.str()); !parsed.is_valid()) {
      throw std::runtime_error(path + ": " + parsed.error_message());
    }
    texts_[name] = text.str();
  }
}

std::string Templates::render(const std::string& name, const data& values) const {
  // Rendering keeps state in the template: each rendering has its own.
  return kainjow::mustache::mustache(texts_.at(name)).render(values);
}

Response Pages::page(const Request& request, const std::string& name, const std::string& title, data values,
                     int status) {
  values.set("base", basePath_);
  data layout;
  layout.set("base", basePath_);
  layout.set("title", title);
  layout.set("user", request.user);
  layout.set("content", templates_.render(name, values));
  Response response;
  response.status = status;
  response.contentType = "text/html; charset=utf-8";
  response.headers = {{"Content-Security-Policy",
                       "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src "
                       "'self'; form-action "
                       "'self'; base-uri 'none'; frame-ancestors 'none'"},
                      {"Referrer-Policy", "no-referrer"}};
  response.body = templates_.render("layout", layout);
  return response;
}

Answer Pages::home(const Request&) {
  Response response;
  response.status = 303;
  response.headers.emplace_back("Location", basePath_ + "tasks");
  return response;
}

Answer Pages::tasks(const Request& request) {
  auto filter = filterOf(request);
  if (auto* problem = std::get_if<Problem>(&filter)) return *problem;
  const auto& wanted = std::get<TaskFilter>(filter);
  const auto found = store_.findTasks(wanted);
  data values;
  List rows(data::type::list);
  for (const Task& task : found) {
    data row;
    describe(row, task);
    rows.push_back(row);
  }
  values.set("tasks", rows);
  values.set("none", data(found.empty()));
  List statuses(data::type::list);
  for (const RunStatus status : kStatuses) {
    data option;
    option.set("word", std::string(wordOf(status)));
    option.set("selected", data(wanted.lastStatus == status));
    statuses.push_back(option);
  }
  values.set("statuses", statuses);
  List handlers(data::type::list);
  for (const HandlerDeclaration& handler : store_.findHandlers()) {
    data option;
    option.set("name", handler.taskHandlerClass);
    option.set("selected", data(wanted.taskHandlerClass == handler.taskHandlerClass));
    handlers.push_back(option);
  }
  values.set("handlers", handlers);
  values.set("q", wanted.titlePart.value_or(""));
  if (static_cast<int>(found.size()) == wanted.limit) {
    values.set("older",
               writeQuery({{"LastStatus", wanted.lastStatus ? std::string(wordOf(*wanted.lastStatus)) : ""},
                           {"TaskHandlerClass", wanted.taskHandlerClass.value_or("")},
                           {"Queue", wanted.queue.value_or("")},
                           {"q", wanted.titlePart.value_or("")},
                           {"limit", std::to_string(wanted.limit)},
                           {"after", std::to_string(found.back().id)}}));
  }
  return page(request, "tasks", "Tasks", values);
}

Answer Pages::task(const Request& request) {
  const auto id = idOf(request);
  const auto facts = id ? store_.findWaitFacts(*id) : std::nullopt;
  if (!facts) return notFound("task");
  const Task& task = facts->task;
  data values;
  describe(values, task);
  if (const auto reason = whyWaiting(*facts)) values.set("whereItStands", reason->text);
  List rows(data::type::list);
  for (const Run& run : store_.runsOfTask(*id)) {
    data row;
    describe(row, run);
    rows.push_back(row);
  }
  values.set("runs", rows);
  values.set("formToken", gate_.formTokenFor(request.user));
  const bool mayChange = request.role == "operator" || request.role == "admin";
  const bool running = task.lastStatus == RunStatus::Running;
  values.set("canCancel", data(mayChange && (running || task.nextRunOn || !task.parkedReason.empty())));
  values.set("canRetry", data(mayChange && !running));
  return page(request, "task", "Task " + std::to_string(*id), values);
}

Answer Pages::run(const Request& request) {
  const auto id = idOf(request);
  const auto run = id ? store_.findRun(*id) : std::nullopt;
  if (!run) return notFound("run");
  data values;
  describe(values, *run);
  for (const auto& [stream, name, bytes] :
       {std::tuple(OutputStream::StandardOutput, "StandardOutput", run->standardOutputBytes),
        std::tuple(OutputStream::ErrorOutput, "ErrorOutput", run->errorOutputBytes)}) {
    // While it runs the row does not tell how much there is, the output itself does.
    const auto measured = isOpen(run->status) ? store_.readOutput(*id, stream, INT64_MAX, 1) : std::nullopt;
    const std::int64_t total = measured ? measured->totalBytes : bytes;
    const std::int64_t from = std::max<std::int64_t>(0, total - kOutputShown);
    const auto slice = store_.readOutput(*id, stream, from, kOutputShown);
    values.set(name, slice ? slice->content : "");
    values.set(std::string(name) + "Size", bytesText(slice ? slice->totalBytes : 0));
    values.set(std::string(name) + "Note",
               from > 0 ? "the last " + bytesText(kOutputShown) + " of " + bytesText(total) : "");
    values.set(std::string("has") + name, data(slice && !slice->content.empty()));
  }
  return page(request, "run", "Run " + std::to_string(*id), values);
}

Answer Pages::runners(const Request& request) {
  constexpr int kMostShown = 100;
  data values;
  List rows(data::type::list);
  for (const Runner& runner : store_.findRunners(/*onlyRunning=*/false, kMostShown)) {
    data row;
    row.set("Id", std::to_string(runner.id));
    row.set("Status", std::string(wordOf(runner.status)));
    row.set("HostName", runner.identity.hostName);
    row.set("ProcessId", std::to_string(runner.identity.processId));
    row.set("StartedOn", timeText(runner.startedOn));
    row.set("FinishedOn", timeText(runner.finishedOn));
    row.set("heartbeat", std::to_string(runner.heartbeatAgeSeconds) + " s ago");
    row.set("runs", std::to_string(runner.runsInHand) + " of " + std::to_string(runner.slots));
    row.set("Queues", runner.queues);
    row.set("MemoryKb", std::to_string(runner.memoryKb) + " KiB");
    row.set("Version", runner.version);
    rows.push_back(row);
  }
  values.set("runners", rows);
  values.set("none", data(rows.is_empty_list()));
  return page(request, "runners", "Runners", values);
}

Answer Pages::health(const Request& request) {
  data values;
  List rows(data::type::list);
  for (const HealthCheck& check : checkHealth(store_, schemaProblem_)) {
    data row;
    row.set("name", check.name);
    row.set("state", std::string(wordOf(check.state)));
    row.set("text", check.text);
    row.set("remedy", check.remedy);
    rows.push_back(row);
  }
  values.set("checks", rows);
  return page(request, "health", "Health", values);
}

Response Pages::backToTask(const Request& request, const Answer& outcome) {
  if (const auto* problem = std::get_if<Problem>(&outcome)) return problemPage(request, *problem);
  Response response;
  response.status = 303;
  response.headers.emplace_back("Location", basePath_ + "tasks/" + std::to_string(idOf(request).value_or(0)));
  return response;
}

Response Pages::problemPage(const Request& request, const Problem& problem) {
  data values;
  values.set("title", problem.title);
  values.set("detail", problem.detail);
  return page(request, "problem", problem.title, values, problem.status);
}

}  // namespace taskqueue::web
