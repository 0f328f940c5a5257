// The command `taskqueue work` is a runner in the foreground, for a developer.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "module/platform/configuration.h"

namespace taskqueue::command_line {

class WorkCommand {
 public:
  // Adds the subcommand. The parser writes into this object, so it must outlive the parsing.
  explicit WorkCommand(CLI::App& app);

  bool isWanted() const { return work_->parsed(); }
  // Keeps a runner alive until SIGINT, SIGTERM or SIGHUP. Returns the exit status of the last one. The
  // calling program loses these signals and SIGCHLD, so it must do nothing else.
  int run(const platform::Configuration& configuration) const;

 private:
  CLI::App* work_;
  std::string bootstrap_;
  std::vector<std::string> queues_;
  std::optional<int> slots_;
  bool json_ = false;
};

}  // namespace taskqueue::command_line
