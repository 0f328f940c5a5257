#include "module/command_line/reload.h"

#include <signal.h>
#include <sysexits.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "module/platform/keeper.h"
#include "module/platform/wake.h"

namespace taskqueue::command_line {
namespace {

namespace fs = std::filesystem;

std::string processFile(int pid, const char* name) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/" + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Returns whether the process handles SIGHUP, which would otherwise end it at once: a program of a version
// before this command, or one that is starting.
bool handlesHangup(int pid) {
  const std::string status = processFile(pid, "status");
  for (const char* mask : {"SigBlk:\t", "SigCgt:\t"}) {
    const auto at = status.find(mask);
    if (at == std::string::npos) continue;
    const char* begin = status.data() + at + std::char_traits<char>::length(mask);
    std::uint64_t signals = 0;
    std::from_chars(begin, status.data() + status.size(), signals, 16);
    if ((signals >> (SIGHUP - 1) & 1U) != 0) return true;
  }
  return false;
}

// Returns whether the process was started with this configuration file.
bool usesConfiguration(int pid, const std::string& path) {
  const std::string line = processFile(pid, "cmdline");
  std::vector<std::string> words;
  for (std::size_t from = 0; from < line.size(); from = line.find('\0', from) + 1)
    words.emplace_back(line.c_str() + from);
  const auto option = std::find(words.begin(), words.end(), "--config");
  const bool isNamed = option != words.end() && option + 1 != words.end();
  return (isNamed ? option[1] : platform::kDefaultConfigurationPath) == path;
}

std::vector<int> pagePrograms(const std::string& configuration) {
  std::vector<int> pids;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator("/proc", failed)) {
    const std::string name = entry.path().filename();
    int pid = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (error != std::errc() || end != name.data() + name.size()) continue;
    if (platform::isProgram(pid, "taskqueue-fcgi") && usesConfiguration(pid, configuration))
      pids.push_back(pid);
  }
  return pids;
}

// Prints what was done. Returns whether this process may signal the other one.
bool reload(int pid, const std::string& program) {
  if (!handlesHangup(pid)) {
    std::cout << program << ", pid " << pid << ": it cannot reload; restart it\n";
    return true;
  }
  if (::kill(pid, SIGHUP) == 0) {
    std::cout << program << ", pid " << pid << ": reloads\n";
    return true;
  }
  if (errno == ESRCH) return true;
  std::cerr << "taskqueue: " << program << ", pid " << pid << " belongs to another user: say it as root\n";
  return false;
}

}  // namespace

ReloadCommand::ReloadCommand(CLI::App& app)
    : reload_(app.add_subcommand("reload",
                                 "let this host's programs finish what they have and be started again with "
                                 "the configuration as it is now")) {
  auto* pages = reload_->add_flag("--pages", onlyPages_, "only taskqueue-fcgi");
  reload_->add_flag("--runners", onlyRunners_, "only the runners")->excludes(pages);
}

int ReloadCommand::run(const platform::Configuration& configuration) const {
  bool mayAll = true;
  bool foundAny = false;
  const auto reloadAll = [&](const std::vector<int>& pids, const char* program) {
    for (const int pid : pids) {
      foundAny = true;
      mayAll = reload(pid, program) && mayAll;
    }
  };
  if (!onlyRunners_) reloadAll(pagePrograms(configuration.path), "taskqueue-fcgi");
  if (!onlyPages_) {
    auto pids = platform::wakeSocketOwners(configuration.runner.wakeDirectory);
    std::erase_if(pids, [](int pid) { return !platform::isProgram(pid, "task-runner"); });
    reloadAll({pids.begin(), pids.end()}, "task-runner");
  }
  if (!foundAny) std::cout << "No program of this configuration works on this host.\n";
  return mayAll ? EX_OK : EX_NOPERM;
}

}  // namespace taskqueue::command_line
