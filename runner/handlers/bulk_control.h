// Retries or cancels all tasks that a filter matches, as a task of its own with progress.
#pragma once

#include "module/store/connection.h"
#include "runner/handlers/task_handler.h"

namespace taskqueue::handlers {

// TaskData: the filter of the task lists, {"LastStatus", "TaskHandlerClass", "Queue", "q"}. Only tasks that
// were enqueued before this one are touched. Results: {"Matched", "Changed", "Skipped"}.
HandlerEntry makeBulkRetry(store::ConnectionSettings settings, store::TableNames names,
                           std::string runDirectory);
HandlerEntry makeBulkCancel(store::ConnectionSettings settings, store::TableNames names,
                            std::string runDirectory);

}  // namespace taskqueue::handlers
