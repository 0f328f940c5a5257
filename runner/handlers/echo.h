#pragma once

#include "runner/handlers/task_handler.h"

namespace taskqueue::handlers {

// "Echo" tries the system out. All members of TaskData are optional: `message` to print, `sleep` in seconds,
// `steps` of progress during the sleep, `output` bytes to write, then `fail` with this message or `crash`
// with this signal.
HandlerEntry makeEcho();

}  // namespace taskqueue::handlers
