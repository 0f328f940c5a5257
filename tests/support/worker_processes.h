// The worker processes of this machine, as /proc shows them.
#pragma once

#include <string>
#include <vector>

namespace taskqueue::test_support {

struct WorkerProcess {
  int pid = 0;
  int runnerPid = 0;  // of the runner that launched it, or one of its ancestors
  std::string command;
};

// All that carry the marker of one of these runners, in the environment that they were started with.
std::vector<WorkerProcess> workersOf(const std::vector<int>& runnerPids);

}  // namespace taskqueue::test_support
