// The worker's side of the protocol: a process that runs C++ handlers, one run after another.
#pragma once

#include <vector>

#include "runner/handlers/task_handler.h"

namespace taskqueue::runner {

// Announces the handlers on the control descriptor and does runs until the runner closes it. Returns the exit
// code of the process.
int workerMain(const std::vector<handlers::HandlerEntry>& handlers);

// Tells the runner why this worker cannot serve. Returns the exit code.
int refuseToServe(const std::string& problem);

}  // namespace taskqueue::runner
