// Reads the plain list of tasks, newest first.
#include <memory>

#include "module/store/sql/columns.h"
#include "module/store/sql/task_conditions.h"
#include "module/store/tasks/maria_tasks.h"

namespace taskqueue::store {
namespace {

// There is one statement for each set of conditions. Served by the index of the filtered column (each ends in
// the primary key), or by the primary key.
class FilteredTasks {
 public:
  FilteredTasks() {
    for (unsigned set = 0; set < TaskConditions::kSets; ++set) {
      statements_.push_back(std::make_unique<Sql>(
          "find-tasks", "SELECT {listed_task_columns} FROM {TaskQueue} t WHERE t.Id < ? AND t.Id >= ?" +
                            TaskConditions::textOf(set) + " ORDER BY t.Id DESC LIMIT ?"));
    }
  }

  // Returns the statement for the filter, and adds its parameters.
  const Sql& of(const TaskFilter& filter, std::vector<Value>& parameters) const {
    parameters.emplace_back(filter.beforeId ? std::int64_t{*filter.beforeId} : std::int64_t{INT32_MAX} + 1);
    parameters.emplace_back(std::int64_t{filter.fromId.value_or(0)});
    const unsigned set = TaskConditions::setOf(filter);
    TaskConditions::addParameters(set, filter, parameters);
    return *statements_.at(set);
  }

 private:
  std::vector<std::unique_ptr<Sql>> statements_;
};
const FilteredTasks kFindTasks;

}  // namespace

std::vector<Task> MariaTasks::findTasks(const TaskFilter& filter) {
  std::vector<Value> parameters;
  const Sql& statement = kFindTasks.of(filter, parameters);
  parameters.emplace_back(std::int64_t{filter.limit});
  std::vector<Task> tasks;
  for (Row& row : connection_.query(statement, parameters)) tasks.push_back(readTask(row));
  return tasks;
}

}  // namespace taskqueue::store
