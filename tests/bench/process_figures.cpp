#include "tests/bench/process_figures.h"

#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace taskqueue::bench {
namespace {

namespace fs = std::filesystem;

std::string directoryOf(pid_t process) {
  return "/proc/" + std::to_string(process);
}

// Reads the CPU seconds of the thread with this directory.
double secondsIn(const fs::path& thread) {
  double nanoseconds = 0;
  std::ifstream(thread / "schedstat") >> nanoseconds;
  return nanoseconds / 1e9;
}

}  // namespace

double cpuSecondsOf(pid_t process) {
  double seconds = 0;
  std::error_code error;
  for (const auto& thread : fs::directory_iterator(directoryOf(process) + "/task", error)) {
    seconds += secondsIn(thread.path());
  }
  return seconds;
}

double processSeconds(pid_t process) {
  clockid_t clock = 0;
  timespec used{};
  if (::clock_getcpuclockid(process, &clock) != 0 || ::clock_gettime(clock, &used) != 0)
    throw std::runtime_error("cannot read the CPU clock of process " + std::to_string(process));
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

double threadSeconds(pid_t process, pid_t thread) {
  return secondsIn(directoryOf(process) + "/task/" + std::to_string(thread));
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

double treeSeconds(pid_t process) {
  double seconds = 0;
  for (const pid_t one : treeOf(process)) seconds += cpuSecondsOf(one);
  return seconds;
}

}  // namespace taskqueue::bench
