// The list of tasks: any filter, orders that an index serves, page by page, and what can be done to many at
// once.
#pragma once

#include "module/queue/task_queue.h"
#include "module/web/pages/grid_query.h"
#include "module/web/pages/page_frame.h"

namespace taskqueue::web {

class TasksPage {
 public:
  TasksPage(TaskStore& store, const PageFrame& frame) : store_(store), frame_(frame) {}

  Answer show(const Request& request);
  // The filtered list as a file, CSV or JSON, of at most kMaxExported tasks. One that is cut says so in its
  // last line or member, with the address of what follows; so does the header Link.
  Answer exportTasks(const Request& request);

  static constexpr int kMaxExported = 10000;

 private:
  void addTabs(const Request& request, const GridQuery& query, kainjow::mustache::data& to);
  void addFilter(const Request& request, const GridQuery& query, kainjow::mustache::data& to);
  void addRows(const Request& request, const GridQuery& query, const TaskGrid& grid,
               kainjow::mustache::data& to);
  void addNeighbours(const Request& request, const GridQuery& query, const TaskGrid& grid,
                     kainjow::mustache::data& to);

  TaskStore& store_;
  const PageFrame& frame_;
};

}  // namespace taskqueue::web
