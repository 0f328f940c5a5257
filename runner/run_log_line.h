// Writes the line of the log that each run gets at its end.
#pragma once

#include "module/platform/log.h"
#include "module/queue/sync.h"
#include "runner/active_run.h"

namespace taskqueue::runner {

// The line has the handler, how the run ended, its error code, its duration and its Ids. The batch writes it
// later.
void logRun(platform::LogBatch& log, const ClaimedRun& run, const RunVerdict& verdict,
            SteadyTime::duration age);

}  // namespace taskqueue::runner
