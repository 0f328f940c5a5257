#include "module/queue/task_grid.h"

#include <array>

namespace taskqueue {
namespace {

constexpr std::array kOrders{TaskOrder::ById, TaskOrder::ByQueuedOn, TaskOrder::ByScheduledOn,
                             TaskOrder::ByNextRunOn};

}  // namespace

std::string_view toString(TaskOrder order) {
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

std::optional<TaskOrder> parseTaskOrder(std::string_view word) {
  for (const TaskOrder order : kOrders) {
    if (toString(order) == word) return order;
  }
  return std::nullopt;
}

TaskCursor makeCursor(const Task& task, TaskOrder order) {
  switch (order) {
    case TaskOrder::ById:
      return {task.id, task.id};
    case TaskOrder::ByQueuedOn:
      return {task.queuedOn, task.id};
    case TaskOrder::ByScheduledOn:
      return {task.scheduledOn, task.id};
    case TaskOrder::ByNextRunOn:
      return {task.nextRunOn, task.id};
  }
  return {};
}

bool standsBefore(const TaskCursor& a, const TaskCursor& b, bool descending) {
  if (a.value.has_value() != b.value.has_value()) return a.value.has_value();
  const auto left = std::pair(a.value, a.id);
  const auto right = std::pair(b.value, b.id);
  return descending ? left > right : left < right;
}

std::optional<TaskCursor> placeToGoOn(const TaskGrid& grid, TaskOrder order) {
  if (!grid.more) return std::nullopt;
  return grid.searchedTo ? grid.searchedTo : makeCursor(grid.tasks.back(), order);
}

}  // namespace taskqueue
