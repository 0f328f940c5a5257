// Gives the site's PHP what its client needs: two files with secrets, and the directory of the wake sockets.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "module/platform/configuration.h"

namespace taskqueue::command_line {

class SiteRights {
 public:
  struct Options {
    std::string output;                // the directory of the configuration; must exist
    std::optional<std::string> user;   // who runs the site's PHP; absent: kDefaultUser, if there is one
    std::optional<std::string> owner;  // the user of the runners; absent: the current user
    std::string wakeDirectory;         // is made, with its parents
  };
  static constexpr const char* kDefaultUser = "www-data";
  static constexpr const char* kDefaultWakeDirectory = "/var/lib/taskqueue/wake";

  // Throws SiteFileError if a user that was named does not exist, or if this process is not root and so
  // cannot give it files.
  explicit SiteRights(const Options& options);

  // Returns whether anything is given. Nothing is when the default user is missing or this process is not
  // root.
  bool areGiven() const { return problem_.empty(); }
  const std::string& problem() const { return problem_; }

  // Returns what give() makes, one line for each, for people.
  std::vector<std::string> describe() const;
  // Returns the settings for the configuration.
  std::string settings() const;
  // Makes all of it. Throws SiteFileError.
  void give(const std::string& siteToken, const std::string& eventSecret) const;

 private:
  std::string siteDirectory() const { return output_ + "/site"; }

  std::string user_, output_, wakeDirectory_, problem_;
  uid_t owner_ = 0;
  gid_t group_ = 0;
  bool outputIsClosed_ = false;  // the site's user may not pass through it yet
};

// Removes what give() has made, as the configuration names it. Returns the removed paths.
std::vector<std::string> takeBackSiteRights(const platform::Configuration& configuration);

}  // namespace taskqueue::command_line
