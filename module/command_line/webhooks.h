// The command that prints a webhook receiver's secret.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "module/platform/configuration.h"

namespace taskqueue::command_line {

class WebhookCommands {
 public:
  explicit WebhookCommands(CLI::App& app);
  bool isWanted() const { return secret_->parsed(); }
  // Prints the secret of the receiver at the URL. Returns an exit code.
  int run(const platform::WebhookConfiguration& configuration) const;

 private:
  CLI::App* secret_;
  std::string url_;
};

}  // namespace taskqueue::command_line
