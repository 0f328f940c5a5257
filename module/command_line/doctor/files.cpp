// Checks modes and owners of files, directories and sockets on this host.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "module/command_line/doctor/checks.h"
#include "module/health/fixes.h"
#include "module/health/space.h"
#include "module/platform/wake.h"

namespace taskqueue::command_line::doctor {
namespace {

using health::quoteForShell;

std::string octal(mode_t mode) {
  constexpr mode_t kShown = 07777;
  std::string text;
  for (mode_t left = mode & kShown; left != 0; left /= 8)
    text.insert(text.begin(), static_cast<char>('0' + left % 8));
  return "0" + text;
}

Finding missing(const std::string& path, const std::string& setting) {
  return {.state = State::Problem,
          .text = "it does not exist, and " + setting + " names it",
          .place = path,
          .mend = "correct " + setting + " in the configuration, or make it"};
}

struct NamedFile {
  std::string setting;
  std::string path;
  bool isSecret;
};

// Others must not be able to put another file in its place. In a sticky directory they cannot.
void checkFolder(const std::string& path, Findings& found) {
  const std::string folder = std::filesystem::absolute(path).parent_path().string();
  struct stat status {};
  if (::stat(folder.c_str(), &status) != 0 || (status.st_mode & S_IWOTH) == 0 ||
      (status.st_mode & S_ISVTX) != 0)
    return;
  const bool isKnown =
      std::any_of(found.begin(), found.end(), [&](const Finding& each) { return each.place == folder; });
  if (isKnown) return;
  found.push_back(
      {.state = State::Problem,
       .text = "every user of this host can replace the files there: its mode is " + octal(status.st_mode),
       .place = folder,
       .mend = "chmod o-w " + quoteForShell(folder)});
}

// Others must not write to the file, nor read it if it is secret.
void checkFile(const NamedFile& file, Findings& found) {
  if (file.path.empty()) return;
  struct stat status {};
  if (::stat(file.path.c_str(), &status) != 0) {
    found.push_back(errno == ENOENT ? missing(file.path, file.setting)
                                    : Finding{.state = State::NotChecked,
                                              .text = "this user may not look at it",
                                              .place = file.path,
                                              .mend = "run 'taskqueue doctor' as root"});
    return;
  }
  checkFolder(file.path, found);
  const bool isWritable = (status.st_mode & S_IWOTH) != 0;
  const bool isReadable = file.isSecret && (status.st_mode & S_IROTH) != 0;
  if (!isWritable && !isReadable) return;
  found.push_back({.state = State::Problem,
                   .text = "every user of this host can " + std::string(isWritable ? "change" : "read") +
                           " it: its mode is " + octal(status.st_mode),
                   .place = file.path,
                   .mend = "chmod o-rwx " + quoteForShell(file.path)});
}

}  // namespace

Findings checkSecretFiles(const Site& site) {
  const platform::Configuration& from = site.configuration;
  Findings found;
  checkFile({"--config", from.path, false}, found);
  checkFile({"database.option_file", from.database.optionFile, true}, found);
  checkFile({"web.api_tokens_file", from.web.apiTokensFile, true}, found);
  checkFile({"webhook.secret_file", from.webhook.secretFile, true}, found);
  checkFile({"smtp.password_file", from.smtp.passwordFile, true}, found);
  return found;
}

Findings checkDirectories(const Site& site) {
  const platform::RunnerConfiguration& runner = site.configuration.runner;
  Findings found;
  for (const auto& [setting, path] :
       {std::pair<std::string, std::string>{"runner.run_directory", runner.runDirectory},
        {"runner.wake_directory", runner.wakeDirectory},
        {"runner.plugins_directory", runner.pluginsDirectory},
        {"web.templates_directory", site.configuration.web.templatesDirectory}}) {
    if (path.empty()) continue;
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
      if (errno == ENOENT) found.push_back(missing(path, setting));
      continue;
    }
    if (S_ISDIR(status.st_mode) && (status.st_mode & S_IWOTH) == 0) continue;
    found.push_back(
        {.state = State::Problem,
         .text = S_ISDIR(status.st_mode)
                     ? "every user of this host can put files there: its mode is " + octal(status.st_mode)
                     : "it is no directory, and " + setting + " names it",
         .place = path,
         .mend = S_ISDIR(status.st_mode) ? "chmod o-w " + quoteForShell(path)
                                         : "correct " + setting + " in the configuration"});
  }
  return found;
}

// A runner makes its socket at the start. Without it, tasks wait for the runner's next look.
Findings checkSockets(const Site& site) {
  const std::string& directory = site.configuration.runner.wakeDirectory;
  if (directory.empty()) {
    return {{.state = State::NotChecked,
             .text = "runner.wake_directory is not set, so an enqueue wakes no runner",
             .place = "runner.wake_directory"}};
  }
  const auto owners = platform::wakeSocketOwners(directory);
  Findings found;
  for (const Runner& runner : site.runners) {
    if (runner.identity.hostName != health::thisHostName()) continue;
    if (std::find(owners.begin(), owners.end(), runner.identity.processId) != owners.end()) continue;
    if (runner.heartbeatAgeSeconds > site.configuration.runner.lease.count()) continue;  // health tells of it
    found.push_back({.state = State::Warning,
                     .text = "runner " + std::to_string(runner.id) +
                             " has no socket there, so an enqueue does not wake it",
                     .place = directory,
                     .mend = "taskqueue restart"});
  }
  return found;
}

}  // namespace taskqueue::command_line::doctor
