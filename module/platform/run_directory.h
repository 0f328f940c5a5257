// Gives access to the entries of runner.run_directory. Handlers may run as its owner and put links there,
// while the runner may be root. So no link is followed. A file counts only if it is a regular file of root,
// the directory's owner or this process's user.
#pragma once

#include <optional>
#include <string>

namespace taskqueue::platform {

// Opens the file close-on-exec, with the O_ flags of open(2). O_CREAT makes it with mode 0600 for the
// directory's owner. The caller owns the descriptor. Returns -1 on failure, and errno says why.
int openInRunDirectory(const std::string& path, int flags);

// Returns the whole file, or nothing when it cannot be opened or read.
std::optional<std::string> readInRunDirectory(const std::string& path);

// Opens the directory `path` inside the run directory, and makes it first if it is missing. It belongs to the
// owner of the run directory; other users may pass through it. The caller owns the descriptor. Returns -1 on
// failure, and errno says why.
int openDirectoryInRunDirectory(const std::string& path);

// Gives a socket that this process has bound to the directory's owner and group, with mode 0660. Returns
// false on failure, and errno says why.
bool shareSocketInRunDirectory(const std::string& path);

}  // namespace taskqueue::platform
