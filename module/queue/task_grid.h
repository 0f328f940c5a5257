// Pages of the task list. A list may have any filter, and any order that an index serves.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "module/queue/task.h"

namespace taskqueue {

// Tasks without a value in the order's column come last in both directions, ordered by their Ids.
enum class TaskOrder { ById, ByQueuedOn, ByScheduledOn, ByNextRunOn };

std::string_view toString(TaskOrder order);  // the column's name: Id, QueuedOn, ScheduledOn, NextRunOn
std::optional<TaskOrder> parseTaskOrder(std::string_view word);

// The place of a task in an order.
struct TaskCursor {
  std::optional<std::int64_t> value;  // value of the order's column; absent: the task has none
  int id = 0;

  bool operator==(const TaskCursor&) const = default;
};

TaskCursor makeCursor(const Task& task, TaskOrder order);
// Returns whether `a` comes before `b`.
bool standsBefore(const TaskCursor& a, const TaskCursor& b, bool descending);

// If no index serves a filter, the rows are searched batch by batch. Each request searches at least one
// batch, even if its time is over.
inline constexpr int kGridBatch = 5000;                         // rows
inline constexpr std::chrono::milliseconds kGridTimeLimit{20};  // no further batch starts after this time

struct TaskGridRequest {
  TaskFilter filter;  // `limit` is the page's size
  TaskOrder order = TaskOrder::ById;
  bool descending = true;
  std::optional<TaskCursor> from;  // start after this place; absent: start at the first task
  bool backwards = false;          // read the page before the place instead
  std::chrono::milliseconds timeLimit = kGridTimeLimit;
  int batch = kGridBatch;
};

struct TaskGrid {
  std::vector<Task> tasks;  // in the requested order, without TaskData
  bool more = false;        // more tasks follow, or may follow, in the direction of the request
  // Set if the time was over before the page was full. Every task up to and including this place was
  // searched; the next request continues after it.
  std::optional<TaskCursor> searchedTo;
};

// Returns the place after which the next page starts, or nothing if this is the last page. Not for pages that
// were read backwards.
std::optional<TaskCursor> placeToGoOn(const TaskGrid& grid, TaskOrder order);

// A count that stops at a bound.
struct BoundedCount {
  std::int64_t value = 0;
  bool more = false;  // the true count is larger than `value`, or may be

  // Makes a BoundedCount from a count that stopped at `max` + 1.
  static BoundedCount upTo(std::int64_t counted, std::int64_t max) {
    return {counted < max ? counted : max, counted > max};
  }
};

}  // namespace taskqueue
