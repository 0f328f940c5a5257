// Finding and killing what a worker left behind: the runner is a subreaper, so orphans become its children.
#pragma once

#include <vector>

namespace taskqueue::runner {

// Name of the environment variable that tells whose worker a process is: the runner's PID, a dash, a number.
inline constexpr const char* kMarkerVariable = "TASKQUEUE_WORKER";

// Makes this process the one to which orphans below it come back.
void becomeSubreaper();

// Sends SIGKILL to the process group and to every process that descends from `root`.
void killTree(int root);

// All processes whose parent is this one, whichever thread started or took them over; also those that have
// ended and were not waited for.
std::vector<int> childrenOfThisProcess();

}  // namespace taskqueue::runner
