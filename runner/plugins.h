// Plug-ins: shared objects with handlers. The runner looks for them in a directory when it starts.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "module/platform/configuration.h"
#include "runner/handlers/task_handler.h"

namespace taskqueue::runner {

// Returns one worker pool for each file NAME.so in the directory, sorted by name; none if the directory is
// empty or missing. `workerCommand` runs C++ handlers; the plug-in's path is appended to it.
std::vector<platform::WorkerPoolConfig> pluginPools(const std::string& directory,
                                                    const std::vector<std::string>& workerCommand);

// Loads the plug-in into this process permanently. Returns its handlers, or why it is refused.
std::variant<std::vector<handlers::HandlerEntry>, std::string> loadPlugin(const std::string& path);

}  // namespace taskqueue::runner
