// The commands `taskqueue list`, `cancel` and `retry`, with the words of the API.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "module/queue/task_store.h"

namespace taskqueue::command_line {

class TaskCommands {
 public:
  // Adds the subcommands. The parser writes into this object, so it must outlive the parsing.
  explicit TaskCommands(CLI::App& app);

  bool isWanted() const { return list_->parsed() || cancel_->parsed() || retry_->parsed(); }
  // Returns an exit code. `wake` wakes the runners when there is a task to run.
  int run(TaskStore& store, const std::function<void()>& wake) const;

 private:
  int list(TaskStore& store) const;
  static void print(const std::vector<Task>& tasks);
  int cancel(TaskStore& store) const;
  int retry(TaskStore& store, const std::function<void()>& wake) const;

  CLI::App* list_;
  CLI::App* cancel_;
  CLI::App* retry_;

  int id_ = 0;
  std::string lastStatus_;
  bool json_ = false;
  TaskFilter filter_;
};

}  // namespace taskqueue::command_line
