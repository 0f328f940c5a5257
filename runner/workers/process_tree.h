// Finds and kills processes that a worker left behind. The runner is a subreaper, so orphans become its
// children.
#pragma once

#include <vector>

namespace taskqueue::runner {

// This environment variable identifies the worker that a process belongs to: the runner's PID, a dash, a
// number.
inline constexpr const char* kMarkerVariable = "TASKQUEUE_WORKER";

// Makes this process a subreaper: orphans among its descendants become its children.
void becomeSubreaper();

// Sends SIGKILL to the process group of `root` and to all descendants of `root`.
void killTree(int root);

// Returns all children of this process, for all its threads. The list includes children that have ended and
// were not waited for.
std::vector<int> childrenOfThisProcess();

}  // namespace taskqueue::runner
