// Removes directories that a handler has filled, and may still change during the removal.
#pragma once

#include <string>

namespace taskqueue::runner {

// Removes the directory `name` in the open directory `parent`, with everything below it. No link is followed:
// each step starts from an open descriptor. If the runner is root, the content is removed with the rights of
// the directory's owner. Memory and descriptors do not grow with the depth. Returns the problem; empty if the
// directory is gone.
std::string removeTree(int parent, const std::string& name);

}  // namespace taskqueue::runner
