#include "module/queue/task_grid.h"

#include <array>

namespace taskqueue {
namespace {

constexpr std::array kOrders{TaskOrder::ById, TaskOrder::ByQueuedOn, TaskOrder::ByScheduledOn,
                             TaskOrder::ByNextRunOn};

}  // namespace

std::string_view wordOf(TaskOrder order) {
  switch (order) {
    case TaskOrder::ById:
      return "Id";
    case TaskOrder::ByQueuedOn:
      return "QueuedOn";
    case TaskOrder::ByScheduledOn:
      return "ScheduledOn";
    case TaskOrder::ByNextRunOn:
      return "NextRunOn";
  }
  return "";
}

std::optional<TaskOrder> taskOrderOf(std::string_view word) {
  for (const TaskOrder order : kOrders) {
    if (wordOf(order) == word) return order;
  }
  return std::nullopt;
}

std::optional<std::int64_t> placeOf(const Task& task, TaskOrder order) {
  switch (order) {
    case TaskOrder::ById:
      return task.id;
    case TaskOrder::ByQueuedOn:
      return task.queuedOn;
    case TaskOrder::ByScheduledOn:
      return task.scheduledOn;
    case TaskOrder::ByNextRunOn:
      return task.nextRunOn;
  }
  return std::nullopt;
}

}  // namespace taskqueue
