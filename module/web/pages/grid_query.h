// The address of the list of tasks: every view of it is one. Reading it, and writing the addresses of its
// neighbours.
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
  std::vector<std::string> columns;  // chosen; those of kGridColumns, in its order
  bool hasFilter = false;            // besides the status

  // What else stands in the filter's fields.
  std::string queuedFrom;
  std::string queuedTo;

  using Parameters = std::vector<std::pair<std::string, std::string>>;
  Parameters filterParameters() const;  // what narrows the list
  Parameters viewParameters() const;    // and how it is shown: order, columns, page size
};

// The columns that the list can show, in their order.
const std::vector<std::string>& gridColumns();
// The order that a column gives, if any.
std::optional<TaskOrder> orderOfColumn(const std::string& column);

// What a filter means that is given and empty. The fields of the list's own form are sent with it, also the
// empty ones; whatever acts on what matches must never take one for none.
enum class EmptyFilter { IsNone, IsRefused };

// What is not known, or not understood, is refused by its name.
std::variant<GridQuery, Problem> readGridQuery(const std::map<std::string, std::string>& query,
                                               EmptyFilter emptyFilter = EmptyFilter::IsRefused);

// Whether the parameter narrows the list; the others say how it is shown.
bool isFilterName(const std::string& name);

// What <input type="datetime-local"> gives, in UTC; or unix seconds. Nothing when there is no such time.
std::optional<UnixSeconds> readTime(const std::string& text);

std::string writeCursor(const TaskCursor& cursor);

}  // namespace taskqueue::web
