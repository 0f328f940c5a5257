// Reads and writes the address of the task list. Each view of the list has its own address.
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "module/queue/task_grid.h"
#include "module/web/request.h"

namespace taskqueue::web {

struct GridQuery {
  TaskGridRequest grid;
  std::vector<std::string> columns;  // the chosen columns, in the order of gridColumns()
  bool hasFilter = false;            // true if there is a filter besides the status

  // These are the raw times in the filter's fields.
  std::string queuedFrom;
  std::string queuedTo;

  using Parameters = std::vector<std::pair<std::string, std::string>>;
  Parameters filterParameters() const;  // parameters that filter the list
  Parameters viewParameters() const;    // the same, and order, columns and page size
};

// Returns the columns that the list can show, in their order.
const std::vector<std::string>& gridColumns();
// Returns whether one of the columns shows the newest run of a task.
bool showsRuns(const std::vector<std::string>& columns);
// Returns the sort order of a column, if it has one.
std::optional<TaskOrder> orderOfColumn(const std::string& column);

// Says how to treat an empty filter. The list's own form also sends its empty fields. Actions on all matching
// tasks must refuse an empty filter, which would match everything.
enum class EmptyFilter { IsNone, IsRefused };

// Refuses unknown or invalid parameters by name.
std::variant<GridQuery, Problem> readGridQuery(const std::map<std::string, std::string>& query,
                                               EmptyFilter emptyFilter = EmptyFilter::IsRefused);

// Returns whether the parameter filters the list. Other parameters say how it is shown.
bool isFilterName(const std::string& name);

// Reads a UTC time as <input type="datetime-local"> gives it, or unix seconds. Returns nothing if it is not a
// time.
std::optional<UnixSeconds> readTime(const std::string& text);

std::string writeCursor(const TaskCursor& cursor);

}  // namespace taskqueue::web
