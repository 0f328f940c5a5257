// The commands `taskqueue list`, `cancel` and `retry`, with the words of the API.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "module/queue/task_queue.h"

namespace taskqueue::command_line {

class TaskCommands {
 public:
  // Adds the subcommands. The parser writes into this object, so it must outlive the parsing.
  explicit TaskCommands(CLI::App& app);

  bool isWanted() const { return list_->parsed() || cancel_->parsed() || retry_->parsed(); }
  // Returns an exit code. `wake` wakes the runners when there is a task to run.
  int run(StatisticsStore& statistics, TaskQueue& queue, const std::function<void()>& wake) const;

 private:
  int list(StatisticsStore& statistics) const;
  static void print(const std::vector<Task>& tasks);
  int cancel(TaskQueue& queue) const;
  int retry(TaskQueue& queue, const std::function<void()>& wake) const;

  CLI::App* list_;
  CLI::App* cancel_;
  CLI::App* retry_;

  int id_ = 0;
  std::string lastStatus_;
  bool json_ = false;
  TaskFilter filter_;
};

}  // namespace taskqueue::command_line
