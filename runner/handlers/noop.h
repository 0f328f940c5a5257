#pragma once

#include "runner/handlers/task_handler.h"

namespace taskqueue::handlers {

// "Noop" does nothing and succeeds. It serves to measure the queue itself.
HandlerEntry makeNoop();

}  // namespace taskqueue::handlers
