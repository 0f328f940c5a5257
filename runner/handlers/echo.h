#pragma once

#include "runner/handlers/task_handler.h"

namespace taskqueue::handlers {

// "Echo" tries the system out. All members of TaskData are optional. `message` is printed; `sleep` waits this
// many seconds, with `steps` of progress; `output` writes this many bytes. Then `fail` ends the run with this
// message, or `crash` with this signal.
HandlerEntry makeEcho();

}  // namespace taskqueue::handlers
