// The commands `taskqueue attach` and `taskqueue detach` connect the queue with a CMS, and take that back.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "module/command_line/new_configuration.h"
#include "module/command_line/site_setup.h"
#include "module/platform/cms_configuration.h"
#include "module/platform/configuration.h"

namespace taskqueue::command_line {

class AttachCommands {
 public:
  // Adds the subcommands. The parser writes into this object, so it must outlive the parsing.
  explicit AttachCommands(CLI::App& app);

  bool isAttachWanted() const { return attach_->parsed(); }
  bool isDetachWanted() const { return detach_->parsed(); }

  // Returns an exit code. Needs no TaskQueue configuration. Throws StoreError for other database errors.
  int attach() const;
  // Returns an exit code. Uses the configured database.
  int detach(const platform::Configuration& configuration) const;

 private:
  int attachTo(const platform::CmsConfiguration& cms) const;
  int printUpgrades(const platform::CmsConfiguration& cms) const;

  // Whether attach does everything, and not only the tables and the configuration.
  bool isWhole() const { return !output_ && !tablesOnly_; }
  std::string directory() const { return output_.value_or("/etc/taskqueue"); }
  bool isConfigured() const;
  NewConfiguration::Options newConfigurationOptions(const std::string& settingsTable) const;
  SiteSetup::Options setupOptions() const;

  CLI::App* attach_;
  CLI::App* detach_;
  std::string cms_, settingsTable_, account_, socket_;
  std::optional<std::string> output_, owner_, siteUser_;
  std::string wakeDirectory_, nginxSite_, root_, bootstrap_;
  std::string keep_ = "auto";
  int runners_ = 2;
  std::optional<int> upgrades_;
  int since_ = 0;
  bool withPrefix_ = false;
  bool tablesOnly_ = false;
  bool yes_ = false;
  bool force_ = false;
};

}  // namespace taskqueue::command_line
