// Makes bulk actions. Each one is a task that changes many other tasks.
#pragma once

#include <string>
#include <vector>

#include "module/queue/task.h"

namespace taskqueue::web {

enum class BulkAction { Retry, Cancel };

// Returns a task that applies the action to the tasks in `ids`, or to all that match the filter if `ids` is
// empty.
NewTask bulkTask(BulkAction action, const TaskFilter& filter, const std::vector<int>& ids = {});

}  // namespace taskqueue::web
