// taskqueue attach, taskqueue detach: beside a CMS's tables, and away again.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "module/platform/cms_configuration.h"
#include "module/platform/configuration.h"

namespace taskqueue::command_line {

class AttachCommands {
 public:
  // Adds the subcommands; what is parsed stays here, so that this must outlive the parsing.
  explicit AttachCommands(CLI::App& app);

  bool isAttachWanted() const { return attach_->parsed(); }
  bool isDetachWanted() const { return detach_->parsed(); }

  // An exit code. Needs no configuration of ours; throws StoreError for what no answer of ours fits.
  int attach() const;
  // Where the configuration says.
  int detach(const platform::DatabaseConfiguration& database) const;

 private:
  int attachTo(const platform::CmsConfiguration& cms) const;
  int printUpgrades(const platform::CmsConfiguration& cms) const;

  CLI::App* attach_;
  CLI::App* detach_;
  std::string cms_, settingsTable_, account_, socket_;
  std::optional<std::string> output_, owner_;
  std::optional<int> upgrades_;
  int since_ = 0;
  bool withPrefix_ = false;
  bool yes_ = false;
  bool force_ = false;
};

}  // namespace taskqueue::command_line
