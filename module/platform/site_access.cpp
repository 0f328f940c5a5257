#include "module/platform/site_access.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "module/health/fixes.h"

namespace taskqueue::platform {
namespace {

enum Right : unsigned { kUse = 1, kWrite = 2, kRead = 4 };

// Returns the user's three bits of a mode, as the kernel chooses them.
unsigned rightsOf(const ProcessOwner& user, const struct stat& of) {
  constexpr unsigned kAll = kUse | kWrite | kRead;
  if (of.st_uid == user.user) return of.st_mode >> 6U & kAll;
  const bool isIn = of.st_gid == user.group ||
                    std::find(user.groups.begin(), user.groups.end(), of.st_gid) != user.groups.end();
  return (isIn ? of.st_mode >> 3U : of.st_mode) & kAll;
}

class Search {
 public:
  Search(const SiteConfiguration& site, const ProcessOwner& user) : user_(user) { found_.user = site.user; }

  // The user must have the rights `needed` and not kWrite. With `isSecret`, others may not read it either.
  void need(const std::string& path, unsigned needed, bool isSecret, const std::string& mode) {
    struct stat status {};
    const std::string group = std::to_string(user_.group);
    const std::string command = "chgrp " + group + " " + health::quoteForShell(path) + " && chmod " + mode +
                                " " + health::quoteForShell(path);
    if (::stat(path.c_str(), &status) != 0 || (rightsOf(user_, status) & needed) != needed) {
      found_.problems.push_back({path, false, command});
      return;
    }
    const bool isOpen = isSecret && (status.st_mode & (S_IROTH | S_IWOTH)) != 0;
    if (isOpen || (rightsOf(user_, status) & kWrite) != 0) found_.problems.push_back({path, true, command});
  }
  void mustNotRead(const std::string& path) {
    struct stat status {};
    if (path.empty() || ::stat(path.c_str(), &status) != 0 || (rightsOf(user_, status) & kRead) == 0) return;
    found_.problems.push_back({path, true, "chmod 0600 " + health::quoteForShell(path)});
  }
  health::SiteAccess take() { return std::move(found_); }

 private:
  const ProcessOwner& user_;
  health::SiteAccess found_;
};

}  // namespace

health::SiteAccess findSiteAccess(const Configuration& configuration) {
  const SiteConfiguration& site = configuration.site;
  const auto user = site.user.empty() ? std::nullopt : findProcessOwner(site.user);
  if (!user) return {};
  Search search(site, *user);
  if (!site.directory.empty()) {
    search.need(site.directory, kUse, /*isSecret=*/true, "0750");
    for (const char* name : {kSiteTokenFile, kSiteSecretFile})
      search.need(site.directory + "/" + name, kRead, /*isSecret=*/true, "0640");
  }
  if (!configuration.runner.wakeDirectory.empty())
    search.need(configuration.runner.wakeDirectory, kRead | kUse, /*isSecret=*/false, "2750");
  for (const std::string& path :
       {configuration.path, configuration.database.optionFile, configuration.web.apiTokensFile,
        configuration.webhook.secretFile, configuration.smtp.passwordFile}) {
    search.mustNotRead(path);
  }
  return search.take();
}

}  // namespace taskqueue::platform
