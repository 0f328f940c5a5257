// Decides how a run ends if its task was cancelled before the runner learnt of the request. An acknowledged
// cancel holds. This is a pure rule that every store applies.
#pragma once

#include "module/queue/sync.h"

namespace taskqueue {

// A failed run becomes `cancelled`, keeps its error, and is not retried. A successful run stays successful.
void applyCancelRequest(RunEnd& end);

// Turns the release of a run into its end, so that the run does not start again.
RunEnd toCancelledEnd(const RunRelease& release);

}  // namespace taskqueue
