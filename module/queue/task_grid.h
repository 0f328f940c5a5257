// A page of the list of tasks that people look through: any filter, in any of the orders that an index
// serves.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "module/queue/task.h"

namespace taskqueue {

// Tasks without a value in the column are no part of an order other than ById.
enum class TaskOrder { ById, ByQueuedOn, ByScheduledOn, ByNextRunOn };

std::string_view wordOf(TaskOrder order);  // the column: Id, QueuedOn, ScheduledOn, NextRunOn
std::optional<TaskOrder> taskOrderOf(std::string_view word);
// What the order goes by; nothing when the task has no part in it.
std::optional<std::int64_t> placeOf(const Task& task, TaskOrder order);

// A place between two tasks.
struct TaskCursor {
  std::int64_t value = 0;  // of the order's column
  int id = 0;

  bool operator==(const TaskCursor&) const = default;
};

struct TaskGridRequest {
  TaskFilter filter;  // its `limit` is the page's
  TaskOrder order = TaskOrder::ById;
  bool descending = true;
  std::optional<TaskCursor> from;  // the tasks behind this place; nothing: from the beginning
  bool backwards = false;          // the tasks before the place: the page before it
};

struct TaskGrid {
  std::vector<Task> tasks;  // in the order asked for, without their TaskData
  bool more = false;        // further in the direction of the request there are others, or may be
  // A filter that no index serves looks through a bounded number of rows at once: how far it came when it has
  // not filled the page.
  std::optional<TaskCursor> searchedTo;
};

// How many, up to a bound.
struct BoundedCount {
  std::int64_t value = 0;
  bool more = false;  // there are more than `value`, or may be

  // Of what was counted up to one more than `most`.
  static BoundedCount upTo(std::int64_t counted, std::int64_t most) {
    return {counted < most ? counted : most, counted > most};
  }
};

}  // namespace taskqueue
