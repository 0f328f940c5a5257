// The command `taskqueue reload` lets the programs of this host be started again with the configuration as it
// is now.
#pragma once

#include <CLI/CLI.hpp>

#include "module/platform/configuration.h"

namespace taskqueue::command_line {

class ReloadCommand {
 public:
  // Adds the subcommand. The parser writes into this object, so it must outlive the parsing.
  explicit ReloadCommand(CLI::App& app);

  bool isWanted() const { return reload_->parsed(); }
  // Sends SIGHUP to the runners and FastCGI programs that use this configuration file. Returns EX_NOPERM if
  // some belong to another user, and EX_OK otherwise.
  int run(const platform::Configuration& configuration) const;

 private:
  CLI::App* reload_;
  bool onlyPages_ = false;
  bool onlyRunners_ = false;
};

}  // namespace taskqueue::command_line
