// Which of the configuration's secrets a handler can read.
#pragma once

#include <string>
#include <vector>

#include "module/platform/configuration.h"

namespace taskqueue::platform {

// The files with the database account and other secrets that some handler can read: it runs as the runner's
// user, or the file's mode lets its own user in. A file that this process cannot find counts as one that can
// be read.
std::vector<std::string> secretsThatHandlersCanRead(const Configuration& configuration);

}  // namespace taskqueue::platform
