// Reads the list of tasks along one index, in its order, batch by batch. Only the
// readers of the list include it.
#pragma once

#include <optional>
#include <vector>

#include "module/queue/task_grid.h"
#include "module/store/database/connection.h"

namespace taskqueue::store {

// These indexes give tasks in an order. A handler's parked tasks stand apart in its index, and so do tasks
// without a time in the index of that time.
enum class TaskIndex {
  Id,
  LastStatus,
  TaskHandlerClass,
  ParkedOfClass,
  QueuedOn,
  NoQueuedOn,
  ScheduledOn,
  NoScheduledOn,
  NextRunOn,
  NoNextRunOn
};

class TaskWalk {
 public:
  // Begins after `from`, or with the first task. `descending` is the direction in which it reads.
  TaskWalk(Connection& connection, const TaskGridRequest& request, TaskIndex index,
           const std::optional<TaskCursor>& from, bool descending);

  // Searches the next batch and adds the tasks that match, at most `limit`. The next call continues after the
  // last one added.
  void next(int limit, std::vector<Task>& to);
  bool isOver() const { return isOver_; }
  // Returns the place up to which all tasks, including its own, were searched. Only valid after next() and
  // while isOver() is false.
  TaskCursor reached() const;

 private:
  // The members are wider than the columns, so that there is a place before all tasks and one after all.
  struct Place {
    std::int64_t value;
    std::int64_t id;
  };

  bool isOrderedById() const;
  void limitId(std::int64_t id, bool upper);
  void addPlace(const Place& place, std::vector<Value>& to) const;
  std::optional<Place> findBorder();
  bool isWithinIds(int id) const;

  Connection& connection_;
  TaskFilter filter_;
  TaskOrder order_;
  TaskIndex index_;
  bool descending_;
  int batch_;
  unsigned residual_;  // set of TaskConditions that the index does not serve
  Place place_;
  Place end_;
  bool isOver_ = false;
};

}  // namespace taskqueue::store
