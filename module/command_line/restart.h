// The command `taskqueue restart` drains all runners and waits until the programs that keep them alive have
// started new ones.
#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <map>
#include <vector>

#include "module/platform/configuration.h"
#include "module/queue/task_queue.h"

namespace taskqueue::command_line {

class RestartCommand {
 public:
  // Adds the subcommand. The parser writes into this object, so it must outlive the parsing.
  explicit RestartCommand(CLI::App& app);

  bool isWanted() const { return restart_->parsed(); }
  // Returns EX_OK when no runner of before is alive, and each one that was kept alive has a successor.
  // Returns EX_TEMPFAIL when the time is up. Throws StoreError.
  int run(const Stores& stores, TaskQueue& queue, const platform::RunnerConfiguration& configuration) const;

 private:
  CLI::App* restart_;
  int seconds_ = kWaitSeconds;

  static constexpr int kWaitSeconds = 300;
};

}  // namespace taskqueue::command_line
