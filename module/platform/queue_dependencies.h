// Makes the dependencies of TaskQueue outside the tables. All programs use the same ones.
#pragma once

#include <functional>
#include <optional>

#include "module/platform/configuration.h"
#include "module/queue/task_queue.h"

namespace taskqueue::platform {

// Returns functions that check TaskData by JSON Schema and start runners from `runner.program`. They throw
// ConfigurationError if no runner can be started. The configuration must outlive them.
QueueDependencies makeQueueDependencies(const Configuration& configuration);

// Runs one runner in the foreground until it ends, if `countMissing` reports a missing one. The rules of
// startRunners apply. SIGTERM, SIGINT and SIGHUP let it drain. Returns its exit status, or nothing if none is
// missing. Throws ConfigurationError if it cannot be started. The calling program loses these signals and
// SIGCHLD, so it must do nothing else.
std::optional<int> runOneInForeground(const Configuration& configuration,
                                      const std::function<int()>& countMissing);

}  // namespace taskqueue::platform
