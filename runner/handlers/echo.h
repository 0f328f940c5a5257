#pragma once

#include "runner/handlers/task_handler.h"

namespace taskqueue::handlers {

// "Echo" is for trying the system out. TaskData, all optional: `message` to print, `sleep` seconds, `steps`
// of progress on the way, `output` bytes to write, then `fail` with this message or `crash` with this signal.
HandlerEntry makeEcho();

}  // namespace taskqueue::handlers
