// The guard of one worker: a process between the runner and the worker, so that nothing that the worker
// started can outlive it.
#pragma once

#include <sys/types.h>

#include "module/platform/process_owner.h"

namespace taskqueue::runner {

// Lets the guards show themselves under a name of their own in lists of processes. `arguments` are main()'s;
// they are overwritten in the guards only.
void nameGuardsIn(int count, char** arguments);

// To be called in the runner's forked child, before exec. Forks again: returns in the process that becomes
// the worker, which is killed when the guard dies. The other process stays as the guard: whatever the
// worker starts, also what leaves its session or loses its environment, stays below the guard (it is a
// subreaper), and is killed when the worker has ended or the runner dies. The guard then ends as the worker
// did. The worker belongs to `owner`, if given; the guard stays what the runner is, so that it may kill it.
// Only async-signal-safe calls. False when it cannot be; errno says why.
bool forkUnderGuard(pid_t runner, const platform::ProcessOwner* owner);

}  // namespace taskqueue::runner
