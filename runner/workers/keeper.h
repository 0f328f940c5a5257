// The keeper of one worker: a process between the runner and the worker, so that nothing that the worker
// started can outlive it.
#pragma once

#include <sys/types.h>

#include "module/platform/process_owner.h"

namespace taskqueue::runner {

// Lets the keepers show themselves under a name of their own in lists of processes. `arguments` are main()'s;
// they are overwritten in the keepers only.
void showKeepersIn(int count, char** arguments);

// To be called in the runner's forked child, before exec. Forks again: returns in the process that becomes
// the worker, which is killed when the keeper dies. The other process stays as the keeper: whatever the
// worker starts, also what leaves its session or loses its environment, stays below the keeper (it is a
// subreaper), and is killed when the worker has ended or the runner dies. The keeper then ends as the worker
// did. The worker belongs to `owner`, if given; the keeper stays what the runner is, so that it may kill it.
// Only async-signal-safe calls. False when it cannot be; errno says why.
bool forkFromKeeper(pid_t runner, const platform::ProcessOwner* owner);

}  // namespace taskqueue::runner
