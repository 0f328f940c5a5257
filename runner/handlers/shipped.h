#pragma once

#include <vector>

#include "module/platform/configuration.h"
#include "runner/handlers/task_handler.h"

namespace taskqueue::handlers {

// Returns the handlers that ship with the runner and are enabled by the configuration.
std::vector<HandlerEntry> shippedHandlers(const platform::Configuration& configuration);

}  // namespace taskqueue::handlers
