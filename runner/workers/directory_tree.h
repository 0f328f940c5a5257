// Removing a directory that a handler has filled, and may still change while it is being removed.
#pragma once

#include <string>

namespace taskqueue::runner {

// Removes the directory `name` in the open directory `parent`, with all below it. No link is followed: each
// step starts from an open descriptor. A runner that is root removes what is below with the rights of the
// directory's owner. Depth needs no memory and no further descriptors. Returns what is in the way; empty: it
// is gone.
std::string removeTree(int parent, const std::string& name);

}  // namespace taskqueue::runner
