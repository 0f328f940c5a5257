// The names of a runner's files in runner.run_directory. Processes that rescue its runs on this host read
// them.
#pragma once

#include <string>

#include "module/platform/configuration.h"

namespace taskqueue::platform {

// Returns KIND-DATABASE-PREFIX-NUMBER, since runner Ids are unique only within a schema and prefix. Returns
// an empty text without a run directory.
std::string runnerFile(const Configuration& configuration, const std::string& kind, int taskRunnerId);

}  // namespace taskqueue::platform
