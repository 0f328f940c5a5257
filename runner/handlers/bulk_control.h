// Handlers that retry or cancel all tasks matching a filter. They run as a task of their own, with progress.
#pragma once

#include "module/store/database/connection.h"
#include "runner/handlers/task_handler.h"

namespace taskqueue::handlers {

// TaskData is the filter of the task lists: {"LastStatus", "TaskHandlerClass", "Queue", "q"}. Only tasks
// enqueued before this one are changed. Results are {"Matched", "Changed", "Skipped"}.
HandlerEntry makeBulkRetry(store::ConnectionSettings settings, store::TableNames names,
                           std::string wakeDirectory);
HandlerEntry makeBulkCancel(store::ConnectionSettings settings, store::TableNames names,
                            std::string wakeDirectory);

}  // namespace taskqueue::handlers
