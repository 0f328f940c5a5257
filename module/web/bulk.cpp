#include "module/web/bulk.h"

#include "module/json/writer.h"
#include "module/queue/task_state.h"

namespace taskqueue::web {

NewTask bulkTask(BulkAction action, const TaskFilter& filter, const std::vector<int>& ids) {
  json::Writer data;
  data.startObject();
  if (!ids.empty()) {
    data.key("Ids").startArray();
    for (const int id : ids) data.value(id);
    data.endArray();
  }
  const auto add = [&](const char* name, const auto& value) {
    if (value) data.member(name, *value);
  };
  if (filter.lastStatus) data.member("LastStatus", toString(*filter.lastStatus));
  if (filter.state) data.member("State", toString(*filter.state));
  add("TaskHandlerClass", filter.taskHandlerClass);
  add("Queue", filter.queue);
  add("q", filter.titlePart);
  add("ErrorCode", filter.errorCode);
  add("ErrorGroup", filter.errorGroupId);
  add("QueuedFrom", filter.queuedFrom);
  add("QueuedUntil", filter.queuedUntil);
  add("FromId", filter.fromId);
  add("BeforeId", filter.beforeId);
  NewTask task;
  task.taskHandlerClass = action == BulkAction::Retry ? "BulkRetry" : "BulkCancel";
  const std::string what = ids.empty() ? "all that match" : std::to_string(ids.size()) + " tasks";
  task.title = (action == BulkAction::Retry ? "Retry " : "Cancel ") + what;
  task.taskData = data.endObject().text();
  return task;
}

}  // namespace taskqueue::web
