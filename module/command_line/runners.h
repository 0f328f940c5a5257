// The commands `taskqueue runners`, `drain`, `stop` and `runner-limit`.
#pragma once

#include <CLI/CLI.hpp>

#include "module/queue/task_queue.h"

namespace taskqueue::command_line {

class RunnerCommands {
 public:
  // Adds the subcommands. The parser writes into this object, so it must outlive the parsing.
  explicit RunnerCommands(CLI::App& app);

  bool isWanted() const { return list_->parsed() || drain_->parsed() || stop_->parsed() || limit_->parsed(); }
  int run(const Stores& stores, TaskQueue& queue) const;  // returns an exit code

 private:
  CLI::App* list_;
  CLI::App* drain_;
  CLI::App* stop_;
  CLI::App* limit_;

  bool json_ = false;
  int id_ = 0;
  std::optional<std::int64_t> max_;
};

}  // namespace taskqueue::command_line
