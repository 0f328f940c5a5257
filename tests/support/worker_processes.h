// The worker processes of this machine, read from /proc.
#pragma once

#include <string>
#include <vector>

namespace taskqueue::test_support {

struct WorkerProcess {
  int pid = 0;
  int runnerPid = 0;  // the runner that launched it, or one of that runner's ancestors
  std::string command;
};

// Returns all processes whose start environment contains the marker of one of these runners.
std::vector<WorkerProcess> workersOf(const std::vector<int>& runnerPids);

}  // namespace taskqueue::test_support
