// What the queue's rules need from outside the tables, the same for every program of ours.
#pragma once

#include "module/platform/configuration.h"
#include "module/queue/task_queue.h"

namespace taskqueue::platform {

// TaskData is checked by JSON Schema within the limits; runners are started from `runner.program`. The
// configuration must outlive what is returned.
QueueSurroundings queueSurroundings(const Configuration& configuration);

}  // namespace taskqueue::platform
