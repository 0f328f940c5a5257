// Finding and killing what a worker left behind. Every worker carries a marker in its environment, which all
// that it starts inherits; the runner is a subreaper, so orphans become its children.
#pragma once

#include <string>
#include <vector>

namespace taskqueue::runner {

// Name of the environment variable that holds a worker's marker.
inline constexpr const char* kMarkerVariable = "TASKQUEUE_WORKER";

// Makes this process the one to which orphans below it come back.
void becomeSubreaper();

// Sends SIGKILL to the process group and to every process that descends from `root`.
void killTree(int root);

// Kills children of this process that carry this marker, and what descends from them: orphans of a worker
// that has ended. Returns how many were found.
int killOrphans(const std::string& marker);

}  // namespace taskqueue::runner
