// The command `taskqueue event` triggers an event of the CMS.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "module/platform/configuration.h"
#include "module/queue/task_queue.h"
#include "module/web/queue_events.h"

namespace taskqueue::command_line {

class EventCommand {
 public:
  struct Dependencies {
    Stores stores;
    TaskQueue& queue;  // uses the same store and lease watch
    LeaseWatch& leaseWatch;
    const platform::Configuration& configuration;
  };

  // Adds the subcommand. The parser writes into this object, so it must outlive the parsing.
  explicit EventCommand(CLI::App& app);

  bool isWanted() const { return event_->parsed(); }
  // Returns an exit code. Throws StoreError and ConfigurationError.
  int run(Dependencies dependencies) const;

 private:
  int raise(const Dependencies& dependencies) const;
  int refuseName() const;

  CLI::App* event_;
  std::string name_;
  std::optional<int> id_;
  std::optional<std::string> taskHandlerClass_, task_;
};

}  // namespace taskqueue::command_line
