// What a filter asks of a task, as SQL: one text for each set of conditions, so that every statement is known
// before any request comes.
#pragma once

#include <string>
#include <vector>

#include "module/queue/task.h"
#include "module/store/connection.h"

namespace taskqueue::store {

class TaskConditions {
 public:
  static constexpr unsigned kByStatus = 1;
  static constexpr unsigned kByClass = 2;
  static constexpr unsigned kByQueue = 4;
  static constexpr unsigned kByTitle = 8;
  static constexpr unsigned kByError = 16;
  static constexpr unsigned kByQueuedOn = 32;
  static constexpr unsigned kSets = 64;

  // Which conditions the filter has. Its range of Ids and its limit are left to the caller.
  static unsigned setOf(const TaskFilter& filter);
  // " AND …" for each of the set, on the table t.
  static std::string textOf(unsigned set);
  // Their parameters, in the order of the text.
  static void addParameters(unsigned set, const TaskFilter& filter, std::vector<Value>& to);
};

}  // namespace taskqueue::store
