#include "module/command_line/tasks.h"

#include <sysexits.h>

#include <iostream>
#include <iterator>
#include <utility>

#include "module/platform/terminal_text.h"
#include "module/web/task_json.h"

namespace taskqueue::command_line {
namespace {

using platform::terminalText;

constexpr int kMaxListed = 500;

int say(const std::string& text, int exitCode) {
  (exitCode == EX_OK ? std::cout : std::cerr) << text << "\n";
  return exitCode;
}

}  // namespace

TaskCommands::TaskCommands(CLI::App& app)
    : list_(app.add_subcommand("list", "list tasks, newest first")),
      cancel_(app.add_subcommand("cancel", "cancel a task; a running task is asked to stop")),
      retry_(
          app.add_subcommand("retry", "run a task again and reset its failures; a waiting task runs now")) {
  std::vector<std::string> statuses;
  for (const RunStatus status : kAllStatuses) statuses.emplace_back(toString(status));
  list_->add_option("--status", lastStatus_, "LastStatus")->check(CLI::IsMember(statuses));
  list_->add_option("--class", filter_.taskHandlerClass, "TaskHandlerClass");
  list_->add_option("--queue", filter_.queue);
  list_->add_option("--title", filter_.titlePart, "a part of the Title");
  list_->add_option("--error-code", filter_.errorCode, "error code of the newest run");
  list_->add_option("--before", filter_.beforeId, "list only tasks with a lower Id")
      ->check(CLI::Range(1, INT32_MAX));
  list_->add_option("--limit", filter_.limit)->check(CLI::Range(1, kMaxListed))->capture_default_str();
  list_->add_flag("--json", json_, "print JSON as the API does");
  for (CLI::App* each : {cancel_, retry_}) each->add_option("id", id_)->required();
}

int TaskCommands::run(StatisticsStore& statistics, TaskQueue& queue,
                      const std::function<void()>& wake) const {
  if (*list_) return list(statistics);
  if (*cancel_) return cancel(queue);
  return retry(queue, wake);
}

int TaskCommands::list(StatisticsStore& statistics) const {
  TaskGridRequest wanted;
  wanted.filter = filter_;
  wanted.filter.lastStatus = parseRunStatus(lastStatus_);
  std::vector<Task> all;  // collected for --json, which prints one object
  std::optional<TaskCursor> rest;
  do {
    TaskGrid grid = statistics.readTaskGrid(wanted);
    wanted.filter.limit -= static_cast<int>(grid.tasks.size());
    rest = placeToGoOn(grid, wanted.order);
    if (rest) wanted.from = rest;
    if (json_) {
      std::move(grid.tasks.begin(), grid.tasks.end(), std::back_inserter(all));
    } else {
      print(grid.tasks);
    }
  } while (rest && wanted.filter.limit > 0);
  if (json_) {
    json::Writer to;
    web::writeTaskList(to, all, rest ? std::optional(rest->id) : std::nullopt);
    std::cout << to.text() << "\n";
  } else if (rest) {
    std::cerr << "there may be more: --before " << rest->id << "\n";
  }
  return EX_OK;
}

void TaskCommands::print(const std::vector<Task>& tasks) {
  for (const Task& task : tasks) {
    std::cout << task.id << "  " << terminalText(task.taskHandlerClass) << "  " << toString(task.lastStatus)
              << "  failed " << task.taskRunsFailed << " of " << task.maxRetries << "  "
              << terminalText(task.queue) << "  " << terminalText(task.title) << "\n";
  }
}

int TaskCommands::cancel(TaskQueue& queue) const {
  const std::string task = "task " + std::to_string(id_);
  switch (queue.cancelTask(id_)) {
    case CancelOutcome::Cancelled:
      return say(task + " is cancelled", EX_OK);
    case CancelOutcome::Requested:
      return say(task + " is running: its runner was asked to stop it", EX_OK);
    case CancelOutcome::AlreadyEnded:
      return say(task + " has ended: there is nothing left to cancel", 1);
    case CancelOutcome::NoSuchTask:
      break;
  }
  return say("there is no " + task, 1);
}

int TaskCommands::retry(TaskQueue& queue, const std::function<void()>& wake) const {
  const std::string task = "task " + std::to_string(id_);
  switch (queue.retryTask(id_)) {
    case RetryOutcome::Scheduled:
      wake();
      return say(task + " is scheduled again", EX_OK);
    case RetryOutcome::StillRunning:
      return say(task + " is running: cancel it first, or wait until it ends", 1);
    case RetryOutcome::KeyTaken:
      return say("another unfinished task has the unique key of " + task, 1);
    case RetryOutcome::StatusChanged:  // cannot happen, since no `onlyIf` is given
    case RetryOutcome::NoSuchTask:
      break;
  }
  return say("there is no " + task, 1);
}

}  // namespace taskqueue::command_line
