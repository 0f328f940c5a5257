#include "module/queue/audit.h"

namespace taskqueue {

bool isBulkHandler(std::string_view taskHandlerClass) {
  return taskHandlerClass == "BulkRetry" || taskHandlerClass == "BulkCancel";
}

std::string describeEnqueue(const NewTask& task) {
  return isBulkHandler(task.taskHandlerClass) ? task.taskHandlerClass + " " + task.taskData
                                              : task.taskHandlerClass;
}

}  // namespace taskqueue
