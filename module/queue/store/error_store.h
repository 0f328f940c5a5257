// Keeps groups of errors. StatisticsStore::rollUpMinutes() sums them up. stores.h has the rules of all roles.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "module/queue/error_group.h"
#include "module/queue/store_error.h"

namespace taskqueue {

class ErrorStore {
 public:
  virtual ~ErrorStore() = default;

  // Returns the groups that failed within the span; those with the most failed runs first. Spans begin with
  // whole hours.
  virtual std::vector<ErrorGroup> findErrorGroups(const ErrorGroupFilter& filter) = 0;
  // Returns the failed runs of these groups from `from` on, in intervals of `seconds`, which are whole hours.
  virtual std::vector<ErrorPart> readErrorParts(const std::vector<int>& groupIds, UnixSeconds from,
                                                int seconds) = 0;
  // Counts the tasks whose newest run is of a group. Of the tasks that failed, and of those that were lost,
  // only the newest `max` are looked at.
  virtual std::map<int, ErrorGroupTasks> countTasksOfErrorGroups(int max) = 0;
  // Returns whether there is such a group.
  virtual bool setErrorGroupState(int id, ErrorGroupState state) = 0;
};

}  // namespace taskqueue
