// The files that a runner keeps in runner.run_directory, for whoever rescues its runs on this host.
#pragma once

#include <string>

#include "module/platform/configuration.h"

namespace taskqueue::platform {

// KIND-DATABASE-PREFIX-NUMBER: a number counts runners of one schema and prefix only. Empty without a run
// directory.
std::string runnerFile(const Configuration& configuration, const std::string& kind, int taskRunnerId);

}  // namespace taskqueue::platform
