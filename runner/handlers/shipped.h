#pragma once

#include <vector>

#include "module/platform/configuration.h"
#include "runner/handlers/task_handler.h"

namespace taskqueue::handlers {

// The handlers that ship with the runner, as far as the configuration offers them.
std::vector<HandlerEntry> shippedHandlers(const platform::Configuration& configuration);

}  // namespace taskqueue::handlers
