// Plug-ins: shared objects with handlers, found in a directory when the runner starts.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "module/platform/configuration.h"
#include "runner/handlers/task_handler.h"

namespace taskqueue::runner {

// A pool of workers for each file NAME.so of the directory, in the order of their names; none when it is
// empty or missing. `workerCommand` runs C++ handlers; the plug-in's path is added to it.
std::vector<platform::WorkerPoolConfig> pluginPools(const std::string& directory,
                                                    const std::vector<std::string>& workerCommand);

// Loads the plug-in into this process, for good. Its handlers, or why it is refused.
std::variant<std::vector<handlers::HandlerEntry>, std::string> loadPlugin(const std::string& path);

}  // namespace taskqueue::runner
