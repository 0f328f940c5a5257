// The process guard of one worker. It stands between the runner and the worker, so that nothing the worker
// starts can outlive the worker.
#pragma once

#include <sys/types.h>

#include "module/platform/process_owner.h"

namespace taskqueue::runner {

// Lets the guards show their own name in process lists. `arguments` are those of main(); only the guards
// overwrite them.
void nameGuardsIn(int count, char** arguments);

// Call it in the runner's forked child, before exec. It forks again and returns in the process that becomes
// the worker, which is killed if the guard dies.
//
// The other process stays as the guard. It is a subreaper, so all descendants of the worker stay below it,
// even without their session or environment. They are killed when the worker has ended or the runner dies.
// The guard then ends with the worker's status.
//
// The worker runs as `owner`, if given; the guard keeps the runner's user, so that it may kill the worker.
// Only async-signal-safe calls are made. Returns false on failure; errno says why.
bool forkUnderGuard(pid_t runner, const platform::ProcessOwner* owner);

}  // namespace taskqueue::runner
