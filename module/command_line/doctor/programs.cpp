// Checks the programs that the configuration names, and the version of PHP.
#include <unistd.h>

#include <charconv>
#include <filesystem>

#include "module/command_line/doctor/checks.h"
#include "module/platform/background_process.h"

namespace taskqueue::command_line::doctor {
namespace {

constexpr int kMinMajor = 7;
constexpr int kMinMinor = 4;
constexpr std::chrono::seconds kPhpLimit{10};

bool isProgram(const std::string& path) {
  return std::filesystem::is_regular_file(path) && ::access(path.c_str(), X_OK) == 0;
}

bool isPhp(const std::string& path) {
  return std::filesystem::path(path).filename().string().starts_with("php");
}

bool isOld(const std::string& version) {
  int major = 0;
  int minor = 0;
  const char* const end = version.data() + version.size();
  const auto read = std::from_chars(version.data(), end, major);
  if (read.ptr != end) std::from_chars(read.ptr + 1, end, minor);
  return major < kMinMajor || (major == kMinMajor && minor < kMinMinor);
}

// Asks PHP without its settings, so no code of the site runs.
void checkPhp(const std::string& php, const std::string& setting, Findings& found) {
  const auto answer = platform::runToEnd({php, "-n", "-r", "echo PHP_VERSION;"}, kPhpLimit);
  if (!answer.ended || answer.exitStatus != 0 || answer.output.empty()) {
    found.push_back({.state = State::Problem,
                     .text = "it does not tell its version, so it is no PHP that works",
                     .place = php,
                     .mend = "correct " + setting + " in the configuration, or install php-cli"});
  } else if (isOld(answer.output)) {
    found.push_back({.state = State::Problem,
                     .text = "it is PHP " + answer.output + ", and the worker needs 7.4 or newer",
                     .place = php,
                     .mend = "name a newer PHP in " + setting + " of the configuration"});
  }
}

// Checks the program and the PHP files among its arguments: "php /usr/…/worker.php --bootstrap=/srv/…".
void checkCommand(const std::vector<std::string>& command, const std::string& setting, Findings& found) {
  if (command.empty()) return;
  if (!isProgram(command.front())) {
    found.push_back({.state = State::Problem,
                     .text = "this user cannot execute it, and " + setting + " names it",
                     .place = command.front(),
                     .mend = "correct " + setting + " in the configuration, or install it"});
    return;
  }
  if (!isPhp(command.front())) return;
  checkPhp(command.front(), setting, found);
  for (const std::string& word : command) {
    const std::string path = word.substr(word.starts_with("--bootstrap=") ? word.find('=') + 1 : 0);
    if (!path.starts_with('/') || !path.ends_with(".php") || std::filesystem::exists(path)) continue;
    found.push_back({.state = State::Problem,
                     .text = "it does not exist, and " + setting + " names it",
                     .place = path,
                     .mend = "correct " + setting + " in the configuration, or install it"});
  }
}

}  // namespace

Findings checkPrograms(const Site& site) {
  const platform::Configuration& from = site.configuration;
  Findings found;
  if (!from.runner.program.empty()) checkCommand({from.runner.program}, "runner.program", found);
  for (const platform::WorkerPoolConfig& pool : from.workerPools)
    checkCommand(pool.command, "worker." + pool.name + ".command", found);
  for (const platform::CommandHandler& handler : from.commands)
    checkCommand(handler.command, "handler." + handler.taskHandlerClass + ".command", found);
  return found;
}

}  // namespace taskqueue::command_line::doctor
