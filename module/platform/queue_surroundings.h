// What the queue's rules need from outside the tables, the same for every program of ours.
#pragma once

#include <functional>
#include <optional>

#include "module/platform/configuration.h"
#include "module/queue/task_queue.h"

namespace taskqueue::platform {

// TaskData is checked by JSON Schema within the limits; runners are started from `runner.program`, and
// ConfigurationError says why none can be. The configuration must outlive what is returned.
QueueSurroundings queueSurroundings(const Configuration& configuration);

// Is a runner for as long as one lives, if `countMissing` says that one is missing; by the rules of
// startRunners. TERM, INT and HUP let it drain. Returns its exit status, or nothing when none is missing.
// Throws ConfigurationError when it cannot be started. For a program that does nothing else: it takes these
// signals and that of ending children from it.
std::optional<int> runOneInForeground(const Configuration& configuration,
                                      const std::function<int()>& countMissing);

}  // namespace taskqueue::platform
