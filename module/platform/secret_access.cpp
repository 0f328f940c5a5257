#include "module/platform/secret_access.h"

#include <sys/stat.h>

#include <algorithm>
#include <optional>

namespace taskqueue::platform {
namespace {

bool isIn(const ProcessOwner& user, gid_t group) {
  return user.group == group || std::find(user.groups.begin(), user.groups.end(), group) != user.groups.end();
}

bool canRead(const std::optional<ProcessOwner>& user, const std::string& path) {
  struct stat status {};
  if (!user || user->user == 0 || ::stat(path.c_str(), &status) != 0) return true;
  if (status.st_uid == user->user) return (status.st_mode & S_IRUSR) != 0;
  return (status.st_mode & (isIn(*user, status.st_gid) ? S_IRGRP : S_IROTH)) != 0;
}

// Returns the users of all handlers that a site brings; an absent one means the runner's own.
std::vector<std::optional<ProcessOwner>> usersOfHandlers(const Configuration& configuration) {
  std::vector<std::optional<ProcessOwner>> users{configuration.runner.ownerOfHandlers()};
  for (const CommandHandler& command : configuration.commands) {
    if (command.owner) users.push_back(command.owner);
  }
  return users;
}

}  // namespace

std::vector<std::string> secretsThatHandlersCanRead(const Configuration& configuration) {
  const auto users = usersOfHandlers(configuration);
  std::vector<std::string> found;
  for (const std::string& path : {configuration.database.optionFile, configuration.webhook.secretFile,
                                  configuration.smtp.passwordFile}) {
    const bool isRead =
        std::any_of(users.begin(), users.end(), [&](const auto& user) { return canRead(user, path); });
    if (!path.empty() && isRead) found.push_back(path);
  }
  return found;
}

}  // namespace taskqueue::platform
