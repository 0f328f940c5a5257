// A page of the list of tasks that people look through: any filter, in any of the orders that an index
// serves.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "module/queue/task.h"

namespace taskqueue {

// Tasks without a value in the order's column stand behind all others in both directions, by their Ids.
enum class TaskOrder { ById, ByQueuedOn, ByScheduledOn, ByNextRunOn };

std::string_view wordOf(TaskOrder order);  // the column: Id, QueuedOn, ScheduledOn, NextRunOn
std::optional<TaskOrder> taskOrderOf(std::string_view word);

// A place in an order: that of a task.
struct TaskCursor {
  std::optional<std::int64_t> value;  // of the order's column; nothing: the task has none
  int id = 0;

  bool operator==(const TaskCursor&) const = default;
};

TaskCursor cursorOf(const Task& task, TaskOrder order);
// Whether `a` stands before `b`.
bool standsBefore(const TaskCursor& a, const TaskCursor& b, bool descending);

// A filter that no index serves is tried on the rows portion by portion. Each request looks through one
// portion at least, however short its patience.
inline constexpr int kGridPortion = 5000;                      // rows
inline constexpr std::chrono::milliseconds kGridPatience{20};  // after which no further portion is begun

struct TaskGridRequest {
  TaskFilter filter;  // its `limit` is the page's
  TaskOrder order = TaskOrder::ById;
  bool descending = true;
  std::optional<TaskCursor> from;  // the tasks behind this place; nothing: from the beginning
  bool backwards = false;          // the tasks before the place: the page before it
  std::chrono::milliseconds patience = kGridPatience;
  int portion = kGridPortion;
};

struct TaskGrid {
  std::vector<Task> tasks;  // in the order asked for, without their TaskData
  bool more = false;        // further in the direction of the request there are others, or may be
  // The page is not full, and the patience was over: all tasks up to this place, and that one, have been
  // looked at. Asked for what is behind it, the search goes on.
  std::optional<TaskCursor> searchedTo;
};

// Behind which place to ask for what follows; nothing when nothing does. Not for a page read backwards.
std::optional<TaskCursor> placeToGoOn(const TaskGrid& grid, TaskOrder order);

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
