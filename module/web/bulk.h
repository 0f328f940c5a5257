// Bulk actions: a task of its own that does something to many others.
#pragma once

#include <string>
#include <vector>

#include "module/queue/task.h"

namespace taskqueue::web {

enum class BulkAction { Retry, Cancel };

// Of all that match the filter; of these alone, when any are named.
NewTask bulkTask(BulkAction action, const TaskFilter& filter, const std::vector<int>& ids = {});

}  // namespace taskqueue::web
