// The class answers the JSON API, one route per method. README.md in this folder lists the answers.
#pragma once

#include <functional>
#include <span>
#include <variant>

#include "module/health/check.h"
#include "module/json/read.h"
#include "module/json/writer.h"
#include "module/platform/configuration.h"
#include "module/queue/task_queue.h"
#include "module/web/answer.h"
#include "module/web/bulk.h"
#include "module/web/health_check_cache.h"

namespace taskqueue::web {

class Api {
 public:
  // `schemaProblem` returns why the schema does not fit this program, or nothing. `wake` wakes the runners
  // after an enqueue.
  struct Dependencies {
    Stores stores;
    TaskQueue& queue;
    const platform::Configuration& configuration;
    std::function<std::optional<std::string>()> schemaProblem;
    std::function<void(std::span<const int> newTasks)> wake;
    // It must outlive the API. If it is null, health checks are not cached.
    HealthCheckCache* healthCheckCache = nullptr;
  };

  explicit Api(Dependencies dependencies) : dependencies_(std::move(dependencies)) {}

  // Runs the health checks. The pages use this too. Never throws StoreError.
  std::vector<health::HealthCheck> checkHealth();
  // Returns health checks that are at most two seconds old, for pages that refresh themselves.
  std::vector<health::HealthCheck> recentHealth();

  Answer addTasks(const Request& request);      // 201; 200 if no new task was made; 409, 413, 415, 422
  Answer listTasks(const Request& request);     // 200
  Answer showTask(const Request& request);      // 200 with its Runs; 404
  Answer cancelTask(const Request& request);    // 200 cancelled; 202 requested; 404; 409 already ended
  Answer retryTask(const Request& request);     // 200; 404; 409
  Answer changeTask(const Request& request);    // 200; 400, 404, 409, 413, 415, 422
  Answer retryTasks(const Request& request);    // 202 with the Id of the bulk task; 400, 422
  Answer cancelTasks(const Request& request);   // as above
  Answer showRun(const Request& request);       // 200; 404
  Answer showOutput(const Request& request);    // 200; 404
  Answer listFiles(const Request& request);     // 200; 404
  Answer sendFile(const Request& request);      // 200 with the file itself; 404
  Answer listRunners(const Request& request);   // 200
  Answer listHandlers(const Request& request);  // 200
  Answer listPauses(const Request& request);    // 200
  Answer pauseAll(const Request& request);      // 200; 400, 422; so do the next five
  Answer resumeAll(const Request& request);
  Answer pauseQueue(const Request& request);
  Answer resumeQueue(const Request& request);
  Answer pauseHandler(const Request& request);
  Answer resumeHandler(const Request& request);
  Answer drainRunner(const Request& request);   // 202 requested; 409 if it is not running
  Answer stopRunner(const Request& request);    // as above
  Answer limitHandler(const Request& request);  // 200; 400, 422
  Answer limitRunners(const Request& request);  // 200; 400, 409 if it was changed meanwhile, 422
  Answer metrics(const Request& request);       // 200, in the text format of Prometheus
  Answer health(const Request& request);        // 200
  Answer readiness(const Request& request);     // 200, 503 with the reasons
  Answer healthChecks(const Request& request);  // 200, even if checks fail
  Answer onProcess(const Request& request);     // 200 with the result of the pass
  // 200 with the result of the runner, or the reason why none was started.
  Answer onCreateTaskRunners(const Request& request);
  Answer onDebug(const Request& request);     // as above
  Answer raiseEvent(const Request& request);  // those of queue_events.h: 200; 400, 404, 409, 422

  // These methods answer the routes of schedules.
  Answer listSchedules(const Request& request);    // 200
  Answer addSchedule(const Request& request);      // 201 with its Id; 400, 413, 415, 422
  Answer showSchedule(const Request& request);     // 200 with its Firings and NextFirings; 404
  Answer changeSchedule(const Request& request);   // 200; 400, 404, 413, 415, 422
  Answer removeSchedule(const Request& request);   // 200; 404
  Answer enableSchedule(const Request& request);   // 200; 404
  Answer disableSchedule(const Request& request);  // as above
  // 200 with the task, or with the reason why none was made; 404.
  Answer fireSchedule(const Request& request);

  // Returns the problem of a change, if any. Wrong members are named only in its errors.
  static std::optional<Problem> findProblem(const TaskQueue::ChangeResult& result);
  // Returns the problem of a retry, if any.
  static std::optional<Problem> findProblem(RetryOutcome outcome);
  // Returns the problem of a change of TaskRunnerLimit, if any.
  static std::optional<Problem> findProblem(const TaskQueue::RunnerLimitResult& result);

 private:
  Answer addBulkTask(const Request& request, BulkAction action);
  Answer setPaused(const Request& request, PauseKind kind, bool paused);
  Answer askRunner(const Request& request, bool (TaskQueue::*ask)(int));
  Answer setScheduleEnabled(const Request& request, bool enabled);
  // Masks the secrets in stored JSON for a token that may only view.
  void hideSecrets(const Request& request, std::string& stored, const std::string& taskHandlerClass) const;

  Dependencies dependencies_;
};

// The parts of the API and the pages share these functions.
Response answer(const json::Writer& content, int status = 200);
std::optional<int> parseId(const Request& request);
std::variant<TaskFilter, Problem> parseFilter(const Request& request);
Problem notFound(const std::string& what);
bool isJson(const std::string& contentType);
// Reads the body as JSON within the limits. Otherwise the problem has status 400 or 413.
std::variant<json::Document, Problem> readBody(const Request& request, const json::Limits& limits);

}  // namespace taskqueue::web
