#include "module/command_line/events.h"

#include <sysexits.h>

#include <iostream>
#include <thread>

#include "module/json/process_queue_result.h"
#include "module/json/writer.h"
#include "module/platform/queue_dependencies.h"
#include "module/platform/terminal_text.h"
#include "module/platform/wake.h"

namespace taskqueue::command_line {
namespace {

using platform::terminalText;

// Runs an overseer pass. A program started by cron has seen no earlier heartbeats, so it waits and passes
// again if this may find a dead runner.
ProcessQueueResult processQueue(TaskQueue& queue, LeaseWatch& leaseWatch) {
  ProcessQueueResult result = queue.processQueue();
  const auto wait = leaseWatch.timeToNextVerdict();
  if (wait == wait.zero()) return result;
  std::this_thread::sleep_for(wait);
  const ProcessQueueResult second = queue.processQueue();
  result.timedOutRunners.insert(result.timedOutRunners.end(), second.timedOutRunners.begin(),
                                second.timedOutRunners.end());
  result.repairedTasks += second.repairedTasks;
  result.createdTaskRuns += second.createdTaskRuns;
  result.prunedTasks += second.prunedTasks;
  result.firings.fired += second.firings.fired;
  result.firings.skipped += second.firings.skipped;
  result.firings.missed += second.firings.missed;
  return result;
}

const char* optionsOf(web::EventInput input) {
  switch (input) {
    case web::EventInput::None:
      return "no option";
    case web::EventInput::Id:
      return "--id and no other option";
    case web::EventInput::TaskHandlerClass:
      return "--class and no other option";
    case web::EventInput::Task:
      return "--task and no other option";
  }
  return "";
}

}  // namespace

EventCommand::EventCommand(CLI::App& app)
    : event_(app.add_subcommand("event", "trigger an event of the CMS, such as task-queue:OnProcess")) {
  event_->add_option("event", name_, "UNIT:EVENT")->required();
  event_->add_option("--id", id_, "of the task or the runner, for item events");
  event_->add_option("--class", taskHandlerClass_, "TaskHandlerClass, for task-queue:OnCheckTaskHandler");
  event_->add_option("--task", task_, "a task as the API takes it, for task-queue:OnBeforeItemCreate");
}

int EventCommand::run(Dependencies dependencies) const {
  const auto input = web::inputOf(name_);
  const web::EventInput needed = input.value_or(web::EventInput::None);
  const bool fits = (needed == web::EventInput::Id) == id_.has_value() &&
                    (needed == web::EventInput::TaskHandlerClass) == taskHandlerClass_.has_value() &&
                    (needed == web::EventInput::Task) == task_.has_value();
  if (!fits) {
    std::cerr << "this event needs " << optionsOf(needed) << "\n";
    return EX_USAGE;
  }
  if (input) return raise(dependencies);
  TaskQueue& queue = dependencies.queue;
  json::Writer to;
  if (name_ == "task-queue:OnProcess") {
    const ProcessQueueResult result = processQueue(queue, dependencies.leaseWatch);
    if (result.firings.fired > 0) platform::wakeRunners(dependencies.configuration.runner.wakeDirectory);
    json::writeProcessQueueResult(to, result);
  } else if (name_ == "task-queue:OnCreateTaskRunners") {
    to.startObject().member("StartedTaskRunners", queue.createMissingTaskRunners()).endObject();
  } else if (name_ == "task-queue:OnDebug") {
    const std::string done = queue.runStandalone();
    std::cout << done;
    return done.empty() ? EX_UNAVAILABLE : EX_OK;
  } else if (name_ == "task-runner:OnProcess") {
    const auto status = platform::runOneInForeground(dependencies.configuration,
                                                     [&queue] { return queue.getMissingTaskRunnerCount(); });
    to.startObject().member("WasTaskRunner", status.has_value()).endObject();
    std::cout << to.text() << "\n";
    return status.value_or(EX_OK);
  } else {
    return refuseName();
  }
  std::cout << to.text() << "\n";
  return EX_OK;
}

int EventCommand::refuseName() const {
  std::cerr
      << "there is no event " << terminalText(name_)
      << ": task-queue:OnProcess, task-queue:OnCreateTaskRunners, task-queue:OnDebug, task-runner:OnProcess";
  for (const std::string& name : web::queueEventNames()) std::cerr << ", " << name;
  std::cerr << "\n";
  return EX_USAGE;
}

int EventCommand::raise(const Dependencies& dependencies) const {
  const web::QueueEventAnswer answer =
      web::raise({name_, id_, taskHandlerClass_.value_or(""), task_.value_or("")}, dependencies.stores,
                 dependencies.queue);
  if (answer.mayHaveDueTasks) platform::wakeRunners(dependencies.configuration.runner.wakeDirectory);
  if (answer.status == 200) {
    std::cout << answer.content << "\n";
    return EX_OK;
  }
  std::cerr << terminalText(answer.problem) << "\n";
  for (const InputError& error : answer.errors)
    std::cerr << terminalText(error.member + " " + error.problem) << "\n";
  return answer.status == 422 ? EX_DATAERR : 1;
}

}  // namespace taskqueue::command_line
