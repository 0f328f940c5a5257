// The commands `taskqueue pause` and `resume`.
#pragma once

#include <CLI/CLI.hpp>

#include "module/queue/task_queue.h"

namespace taskqueue::command_line {

class PauseCommands {
 public:
  // Adds the subcommands. The parser writes into this object, so it must outlive the parsing.
  explicit PauseCommands(CLI::App& app);

  bool isWanted() const { return pause_->parsed() || resume_->parsed(); }
  // Calls `wake` after a resume. Returns an exit code.
  int run(DatabaseClock& clock, TaskQueue& queue, const std::function<void()>& wake) const;

 private:
  CLI::App* pause_;
  CLI::App* resume_;

  std::string kind_;
  std::string name_;  // empty for all queues
  std::string reason_;
  std::optional<std::int64_t> seconds_;
};

}  // namespace taskqueue::command_line
