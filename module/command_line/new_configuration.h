// A configuration that `taskqueue attach` writes: taskqueue.ini, the option file, secrets, and the rights of
// the site's PHP.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "module/command_line/managed_files.h"
#include "module/command_line/site_files.h"
#include "module/command_line/site_rights.h"
#include "module/platform/cms_configuration.h"

namespace taskqueue::command_line {

class NewConfiguration {
 public:
  struct Options {
    std::string root;  // see ManagedFiles
    std::string directory;
    bool makesDirectory = false;       // write() makes the directory; otherwise it must exist
    std::optional<std::string> owner;  // absent: the current user
    std::string account;  // option file of the database account; empty: one is written for the CMS's
    std::optional<std::string> siteUser;
    std::string wakeDirectory;
    std::string settingsTable;
    std::string bootstrap;  // PHP file with handlers; empty: none
  };

  // Draws the secrets. Throws SiteFileError.
  NewConfiguration(const platform::CmsConfiguration& cms, const Options& options);

  // Prints what write() makes.
  void show() const;
  // Throws SiteFileError.
  void write() const;
  void rememberIn(ManagedFiles& files) const;

  // Returns the directory of this program, where the others are, too.
  static std::filesystem::path programs();

 private:
  std::string settings(const platform::CmsConfiguration& cms, const std::string& optionFile) const;

  Options options_;
  std::string apiToken_, eventSecret_, nginxSecret_, siteToken_;
  SiteFiles files_;
  SiteRights site_;
};

}  // namespace taskqueue::command_line
