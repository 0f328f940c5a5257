#include "module/platform/keeper.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>

namespace taskqueue::platform {
namespace {

constexpr std::array<std::string_view, 4> kSupervisors{"supervisord", "runsv", "s6-supervise", "circusd"};

std::string contentOf(int processId, const char* file) {
  std::ifstream in("/proc/" + std::to_string(processId) + "/" + file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Returns 0 if there is no such process. The program's name is in parentheses and may hold any characters.
int parentOf(int processId) {
  const std::string stat = contentOf(processId, "stat");
  const auto name = stat.rfind(')');
  int parent = 0;
  if (name != std::string::npos) std::sscanf(stat.c_str() + name + 1, " %*c %d", &parent);
  return parent;
}

std::string nameOf(int processId) {
  std::string name = contentOf(processId, "comm");
  if (name.ends_with('\n')) name.pop_back();
  return name;
}

// `list` holds entries that end with a zero byte, as /proc has them.
bool contains(const std::string& list, const std::string& entry) {
  return (std::string(1, '\0') + list).find('\0' + entry + '\0') != std::string::npos;
}

// cron starts a shell for each line, with a process of its own between.
bool isBelowCron(int processId) {
  constexpr int kMostAncestors = 4;
  int ancestor = parentOf(processId);
  for (int i = 0; i < kMostAncestors && ancestor > 1; ++i, ancestor = parentOf(ancestor)) {
    const std::string name = nameOf(ancestor);
    if (name == "cron" || name == "crond") return true;
  }
  return false;
}

}  // namespace

bool isProgram(int processId, std::string_view name) {
  return nameOf(processId) == name;
}

std::string findKeeper(int processId) {
  const int parent = parentOf(processId);
  if (parent == 0) return "";
  const std::string name = nameOf(parent);
  if (std::find(kSupervisors.begin(), kSupervisors.end(), name) != kSupervisors.end()) return name;
  if (name == "taskqueue" && contains(contentOf(parent, "cmdline"), "work")) return "taskqueue work";
  if (name == "taskqueue" && isBelowCron(parent)) return "cron";  // task-runner:OnProcess, at its next minute
  // A process that systemd started itself has this variable; other processes of a service inherit it with
  // another PID.
  const std::string variable = "SYSTEMD_EXEC_PID=" + std::to_string(processId);
  return contains(contentOf(processId, "environ"), variable) ? "systemd" : "";
}

}  // namespace taskqueue::platform
