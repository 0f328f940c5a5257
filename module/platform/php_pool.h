// The worker pool for the PHP handlers of a bootstrap file that is given on the command line.
#pragma once

#include <string>

#include "module/platform/configuration.h"

namespace taskqueue::platform {

// Lets the configured worker pool of PHP load this bootstrap file instead of its own. If none is configured,
// adds one with the worker.php of this installation. A change of the code recycles its workers at once
// (--watch of worker.php). Throws ConfigurationError.
void servePhp(Configuration& configuration, const std::string& bootstrap);

}  // namespace taskqueue::platform
