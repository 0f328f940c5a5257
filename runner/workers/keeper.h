// The keeper of one worker: a process between the runner and the worker, so that nothing that the worker
// started can outlive it.
#pragma once

#include <sys/types.h>

namespace taskqueue::runner {

// To be called in the runner's forked child, before exec. Forks again: returns in the process that becomes
// the worker, which is killed when the keeper dies. The other process stays as the keeper: whatever the
// worker starts, also what leaves its session or loses its environment, stays below the keeper (it is a
// subreaper), and is killed when the worker has ended or the runner dies. The keeper then ends as the worker
// did. Only async-signal-safe calls. False when there can be no further process; errno says why.
bool forkFromKeeper(pid_t runner);

}  // namespace taskqueue::runner
