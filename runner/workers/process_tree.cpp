#include "runner/workers/process_tree.h"

#include <signal.h>
#include <sys/prctl.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <unordered_map>

namespace taskqueue::runner {
namespace {

// Returns the parent of every process that is visible now, except zombies.
std::unordered_map<int, int> parentsOfAll() {
  std::unordered_map<int, int> parents;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", failed)) {
    const std::string name = entry.path().filename();
    int pid = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (error != std::errc() || end != name.data() + name.size()) continue;
    std::ifstream file(entry.path() / "stat");
    std::string line;
    std::getline(file, line);
    const auto bracket = line.rfind(')');
    if (bracket == std::string::npos) continue;
    std::istringstream rest(line.substr(bracket + 1));
    std::string state;
    int parent = 0;
    rest >> state >> parent;
    if (state != "Z") parents[pid] = parent;
  }
  return parents;
}

std::vector<int> descendantsOf(int root, const std::unordered_map<int, int>& parents) {
  std::vector<int> found{root};
  for (std::size_t i = 0; i < found.size(); ++i) {
    for (const auto& [pid, parent] : parents) {
      if (parent == found[i]) found.push_back(pid);
    }
  }
  return found;
}

}  // namespace

void becomeSubreaper() {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

void killTree(int root) {
  // The root is killed last: while its guard lives, orphans stay below the guard. A killed process cannot
  // fork again, so the next round finds processes that were forked meanwhile.
  constexpr int kRounds = 10;
  for (int round = 0; round < kRounds; ++round) {
    const auto found = descendantsOf(root, parentsOfAll());
    for (const int pid : found) {
      if (pid != root) ::kill(pid, SIGKILL);
    }
    if (found.size() == 1) break;
  }
  ::kill(-root, SIGKILL);
  ::kill(root, SIGKILL);
}

std::vector<int> childrenOfThisProcess() {
  std::vector<int> children;
  std::error_code failed;
  for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task", failed)) {
    std::ifstream file(thread.path() / "children");
    for (int pid = 0; file >> pid;) children.push_back(pid);
  }
  return children;
}

}  // namespace taskqueue::runner
