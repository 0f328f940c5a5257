// Turns a filter of tasks into SQL. There is one text for each set of conditions, so every statement is known
// before any request comes.
#pragma once

#include <string>
#include <vector>

#include "module/queue/task.h"
#include "module/store/database/connection.h"

namespace taskqueue::store {

class TaskConditions {
 public:
  static constexpr unsigned kByStatus = 1;
  static constexpr unsigned kByClass = 2;
  static constexpr unsigned kByQueue = 4;
  static constexpr unsigned kByTitle = 8;
  static constexpr unsigned kByError = 16;
  static constexpr unsigned kByQueuedOn = 32;
  static constexpr unsigned kByState = 64;
  static constexpr unsigned kSets = 128;

  // Returns the conditions that the filter has. The caller adds its range of Ids and its limit.
  static unsigned setOf(const TaskFilter& filter);
  // Returns " AND …" for each condition of the set, on the table t.
  static std::string textOf(unsigned set);
  // Adds the parameters in the order of the text.
  static void addParameters(unsigned set, const TaskFilter& filter, std::vector<Value>& to);
};

}  // namespace taskqueue::store
