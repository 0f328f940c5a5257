// Access to what stands in runner.run_directory. Handlers may run as its owner and put links there, while the
// runner may be root. No link is followed, and a file counts only if it is a plain one of root, the
// directory's owner or this process's user.
#pragma once

#include <optional>
#include <string>

namespace taskqueue::platform {

// Opens the file close-on-exec, with the O_ flags of open(2). O_CREAT makes it with mode 0600 for the
// directory's owner. The caller owns the descriptor; -1: failed, and errno says why.
int openInRunDirectory(const std::string& path, int flags);

// The whole file; nothing when it cannot be opened or read.
std::optional<std::string> readInRunDirectory(const std::string& path);

// Opens the directory `path` inside the run directory, and makes it first if it is missing. It belongs to the
// owner of the run directory; others may pass through it. The caller owns the descriptor; -1: failed, see
// errno.
int openDirectoryInRunDirectory(const std::string& path);

// Gives a socket that this process has bound to the directory's owner and group, with mode 0660. False: it
// could not be done, and errno says why.
bool shareSocketInRunDirectory(const std::string& path);

}  // namespace taskqueue::platform
