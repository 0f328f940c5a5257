// Reading the list of tasks along one index, in its order, batch by batch. Included by the parts of
// MariaTaskStore that read it.
#pragma once

#include <optional>
#include <vector>

#include "module/queue/task_grid.h"
#include "module/store/connection.h"

namespace taskqueue::store {

// The indexes that give tasks in an order. A handler's parked tasks stand apart in its index, and tasks
// without a time stand apart in that of the time.
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
  // Begins behind `from`, or with the first task. `descending` is the direction in which it reads.
  TaskWalk(Connection& connection, const TaskGridRequest& request, TaskIndex index,
           const std::optional<TaskCursor>& from, bool descending);

  // Looks through the next batch and adds the tasks that match, at most `limit`. What is behind the last
  // one added comes next time.
  void next(int limit, std::vector<Task>& to);
  bool isOver() const { return isOver_; }
  // All up to this place, and what is there, has been looked at. To be asked after next(), unless it is over.
  TaskCursor reached() const;

 private:
  // Wider than the columns, so that there is a place before all and one behind all.
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
  unsigned residual_;  // of TaskConditions: what the index does not serve
  Place place_;
  Place end_;
  bool isOver_ = false;
};

}  // namespace taskqueue::store
