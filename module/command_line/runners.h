// taskqueue runners, drain, stop: runners on the command line.
#pragma once

#include <CLI/CLI.hpp>

#include "module/queue/task_store.h"

namespace taskqueue::command_line {

class RunnerCommands {
 public:
  // Adds the subcommands; what is parsed stays here, so that this must outlive the parsing.
  explicit RunnerCommands(CLI::App& app);

  bool isWanted() const { return list_->parsed() || drain_->parsed() || stop_->parsed(); }
  int run(TaskStore& store) const;  // an exit code

 private:
  CLI::App* list_;
  CLI::App* drain_;
  CLI::App* stop_;

  bool json_ = false;
  int id_ = 0;
};

}  // namespace taskqueue::command_line
