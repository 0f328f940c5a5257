#include "tests/bench/process_figures.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace taskqueue::bench {
namespace {

namespace fs = std::filesystem;

std::string directoryOf(pid_t process) {
  return "/proc/" + std::to_string(process);
}

}  // namespace

double cpuSecondsOf(pid_t process) {
  double seconds = 0;
  std::error_code error;
  for (const auto& thread : fs::directory_iterator(directoryOf(process) + "/task", error)) {
    double nanoseconds = 0;
    std::ifstream(thread.path() / "schedstat") >> nanoseconds;
    seconds += nanoseconds / 1e9;
  }
  return seconds;
}

double residentMibOf(pid_t process) {
  double pages = 0;
  std::ifstream(directoryOf(process) + "/statm") >> pages >> pages;
  return pages * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1 << 20);
}

std::string commandLineOf(pid_t process) {
  std::ifstream file(directoryOf(process) + "/cmdline");
  std::string words((std::istreambuf_iterator<char>(file)), {});
  std::replace(words.begin(), words.end(), '\0', ' ');
  return words;
}

std::vector<pid_t> treeOf(pid_t process) {
  std::vector<pid_t> tree{process};
  for (std::size_t i = 0; i < tree.size(); ++i) {
    std::error_code error;
    for (const auto& thread : fs::directory_iterator(directoryOf(tree[i]) + "/task", error)) {
      std::ifstream children(thread.path() / "children");
      for (pid_t child = 0; children >> child;) tree.push_back(child);
    }
  }
  return tree;
}

}  // namespace taskqueue::bench
