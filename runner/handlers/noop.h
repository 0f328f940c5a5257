#pragma once

#include "runner/handlers/task_handler.h"

namespace taskqueue::handlers {

// "Noop" does nothing and succeeds: for measuring the queue itself.
HandlerEntry makeNoop();

}  // namespace taskqueue::handlers
