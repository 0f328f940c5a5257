// Finds the configuration's secrets that handlers can read.
#pragma once

#include <string>
#include <vector>

#include "module/platform/configuration.h"

namespace taskqueue::platform {

// Returns the files with the database account and other secrets that some handler can read. Such a handler
// runs as the runner's user, or its own user may read the file. A file that this process cannot find counts
// as readable.
std::vector<std::string> secretsThatHandlersCanRead(const Configuration& configuration);

}  // namespace taskqueue::platform
