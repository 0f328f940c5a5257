#include "tests/support/worker_processes.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace taskqueue::test_support {
namespace {

std::string contentOf(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

int numberAtStartOf(std::string_view text) {
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

std::vector<WorkerProcess> workersOf(const std::vector<int>& runnerPids) {
  static const std::string kMarker = "TASKQUEUE_WORKER=";  // the runner's PID and a number follow
  std::vector<WorkerProcess> found;
  std::error_code gone;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", gone)) {
    const int pid = numberAtStartOf(entry.path().filename().string());
    if (pid == 0) continue;
    const std::string environment = std::string(1, '\0') + contentOf(entry.path() / "environ");
    const auto marker = environment.find(std::string(1, '\0') + kMarker);
    if (marker == std::string::npos) continue;
    WorkerProcess worker;
    worker.pid = pid;
    worker.runnerPid = numberAtStartOf(std::string_view(environment).substr(marker + 1 + kMarker.size()));
    worker.command = contentOf(entry.path() / "cmdline");
    std::replace(worker.command.begin(), worker.command.end(), '\0', ' ');
    const bool isMeant =
        std::find(runnerPids.begin(), runnerPids.end(), worker.runnerPid) != runnerPids.end();
    if (isMeant && !worker.command.empty())
      found.push_back(std::move(worker));  // a zombie has no command line
  }
  return found;
}

}  // namespace taskqueue::test_support
