#include "module/command_line/runners.h"

#include <sysexits.h>

#include <iostream>

#include "module/platform/terminal_text.h"
#include "module/web/task_json.h"

namespace taskqueue::command_line {
namespace {

using platform::terminalText;

constexpr int kMaxShown = 50;

int list(RunnerStore& runnerStore, bool asJson) {
  const auto runners = runnerStore.findRunners(/*onlyRunning=*/false, kMaxShown);
  if (asJson) {
    json::Writer to;
    web::writeObjectWithArray(to, "Runners", runners, web::writeRunner);
    std::cout << to.text() << "\n";
    return EX_OK;
  }
  for (const Runner& runner : runners) {
    const char* request = runner.stopRequestedOn ? ", stopping" : runner.drainRequestedOn ? ", draining" : "";
    std::cout << runner.id << "  " << toString(runner.status)
              << (runner.status == RunnerStatus::Running ? request : "") << "  "
              << terminalText(runner.identity.hostName) << "  pid " << runner.identity.processId
              << "  heartbeat " << runner.heartbeatAgeSeconds << " s ago  runs " << runner.activeRuns << "/"
              << runner.slots << "  " << terminalText(runner.version) << "\n";
  }
  return EX_OK;
}

int say(bool wasAsked, int id, const char* what) {
  if (!wasAsked) {
    std::cerr << "runner " << id << " is not running\n";
    return 1;
  }
  std::cout << "runner " << id << " " << what << "\n";
  return EX_OK;
}

int showLimit(HandlerStore& handlers, TaskQueue& queue) {
  const RunnerLimit limit = handlers.findRunnerLimit();
  std::cout << "TaskRunnerLimit " << limit.limit << ", " << queue.getTaskRunnerCount() << " running\n";
  if (const auto problem = findProblem(limit)) std::cerr << *problem << "\n";
  return EX_OK;
}

int setLimit(TaskQueue& queue, std::int64_t max) {
  const auto result = queue.setTaskRunnerLimit(max);
  if (result.error) {
    std::cerr << result.error->member << " " << result.error->problem << "\n";
    return EX_DATAERR;
  }
  if (!result.isChanged) {
    std::cerr << "TaskRunnerLimit was changed by another program at the same time and is "
              << result.limit.limit << " now\n";
    return 1;
  }
  std::cout << "TaskRunnerLimit is now " << result.limit.limit << "\n";
  return EX_OK;
}

}  // namespace

RunnerCommands::RunnerCommands(CLI::App& app)
    : list_(app.add_subcommand("runners", "list the runners")),
      drain_(app.add_subcommand("drain", "let a runner finish its runs, claim nothing more, and end")),
      stop_(app.add_subcommand("stop",
                               "stop a runner; runs that do not finish within its drain time are released")),
      limit_(app.add_subcommand("runner-limit",
                                "show or set TaskRunnerLimit, the number of runners that CMS events start")) {
  limit_->add_option("number", max_, "the new limit; 0 starts no runner; default: show the limit");
  list_->add_flag("--json", json_, "print JSON as the API does");
  for (CLI::App* each : {drain_, stop_})
    each->add_option("id", id_, "Id of the runner, as `taskqueue runners` shows it")->required();
}

int RunnerCommands::run(const Stores& stores, TaskQueue& queue) const {
  if (*limit_) return max_ ? setLimit(queue, *max_) : showLimit(stores.handlers, queue);
  if (*drain_) return say(queue.requestDrain(id_), id_, "drains");
  if (*stop_) return say(queue.requestStop(id_), id_, "stops");
  return list(stores.runners, json_);
}

}  // namespace taskqueue::command_line
