// The JSON interface. Each method answers one route; README.md beside this file lists their answers.
#pragma once

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
  // `schemaProblem` says whether the schema fits this program; `wake` wakes the runners after an enqueue.
  struct Dependencies {
    TaskStore& store;
    TaskQueue& queue;
    const platform::Configuration& configuration;
    std::function<std::optional<std::string>()> schemaProblem;
    std::function<void()> wake;
    HealthCheckCache* healthCheckCache =
        nullptr;  // outlives this; null: each look at the health is a new one
  };

  explicit Api(Dependencies dependencies) : dependencies_(std::move(dependencies)) {}

  // What the pages show of the queue's health, too. Never throws StoreError.
  std::vector<health::HealthCheck> checkHealth();
  // The same for a page that stands open: at most two seconds old.
  std::vector<health::HealthCheck> recentHealth();

  Answer addTasks(const Request& request);      // 201; 200 when nothing new was made; 409, 413, 415, 422
  Answer listTasks(const Request& request);     // 200
  Answer showTask(const Request& request);      // 200 with its Runs; 404
  Answer cancelTask(const Request& request);    // 200 cancelled; 202 asked; 404; 409 ended already
  Answer retryTask(const Request& request);     // 200; 404; 409
  Answer retryTasks(const Request& request);    // 202 with the Id of the task that does it; 400, 422
  Answer cancelTasks(const Request& request);   // the same
  Answer showRun(const Request& request);       // 200; 404
  Answer showOutput(const Request& request);    // 200; 404
  Answer listFiles(const Request& request);     // 200; 404
  Answer sendFile(const Request& request);      // 200 with the file itself; 404
  Answer listRunners(const Request& request);   // 200
  Answer listHandlers(const Request& request);  // 200
  Answer listPauses(const Request& request);    // 200
  Answer pauseQueue(const Request& request);    // 200; 422. The same for the next three
  Answer resumeQueue(const Request& request);
  Answer pauseHandler(const Request& request);
  Answer resumeHandler(const Request& request);
  Answer drainRunner(const Request& request);   // 202 asked; 409 when it does not run
  Answer stopRunner(const Request& request);    // the same
  Answer limitHandler(const Request& request);  // 200; 400, 422
  Answer limitRunners(const Request& request);  // 200; 400, 409 when it was changed meanwhile, 422
  Answer metrics(const Request& request);       // 200, in Prometheus's text format
  Answer health(const Request& request);        // 200
  Answer readiness(const Request& request);     // 200, 503 with the reasons
  Answer healthChecks(const Request& request);  // 200, whatever they say
  Answer onProcess(const Request& request);     // 200 with what the pass did
  Answer onCreateTaskRunners(
      const Request& request);             // 200 with what the runner did, or why none was started
  Answer onDebug(const Request& request);  // the same

  // Schedules.
  Answer listSchedules(const Request& request);    // 200
  Answer addSchedule(const Request& request);      // 201 with its Id; 400, 413, 415, 422
  Answer showSchedule(const Request& request);     // 200 with its Firings and NextFirings; 404
  Answer changeSchedule(const Request& request);   // 200; 400, 404, 413, 415, 422
  Answer removeSchedule(const Request& request);   // 200; 404
  Answer enableSchedule(const Request& request);   // 200; 404
  Answer disableSchedule(const Request& request);  // the same
  Answer fireSchedule(const Request& request);     // 200 with the task, or with what is in its way; 404

  // Tells what is wrong with a change of TaskRunnerLimit, or nothing.
  static std::optional<Problem> findProblem(const TaskQueue::RunnerLimitResult& result);

 private:
  Answer addBulkTask(const Request& request, BulkAction action);
  Answer setPaused(const Request& request, PauseKind kind, bool paused);
  Answer askRunner(const Request& request, bool (TaskStore::*ask)(int));
  Answer setScheduleEnabled(const Request& request, bool enabled);
  // Masks the secrets in stored JSON for a token that may only view.
  void hideSecrets(const Request& request, std::string& stored, const std::string& taskHandlerClass) const;

  Dependencies dependencies_;
};

// Helpers that the parts of the API and the pages share.
Response answer(const json::Writer& content, int status = 200);
std::optional<int> parseId(const Request& request);
std::variant<TaskFilter, Problem> parseFilter(const Request& request);
Problem notFound(const std::string& what);
bool isJson(const std::string& contentType);
// A body as JSON within the limits, or 400, or 413.
std::variant<json::Document, Problem> readBody(const Request& request, const json::Limits& limits);

}  // namespace taskqueue::web
