// Shows the list of tasks by page, with any filter and the orders that an index serves. It offers bulk
// actions.
#pragma once

#include "module/queue/store/database_clock.h"
#include "module/queue/store/handler_store.h"
#include "module/queue/store/statistics_store.h"
#include "module/queue/task_queue.h"
#include "module/web/pages/grid_query.h"
#include "module/web/pages/page_frame.h"

namespace taskqueue::web {

class TasksPage {
 public:
  TasksPage(HandlerStore& handlers, StatisticsStore& statistics, DatabaseClock& clock, const PageFrame& frame)
      : handlers_(handlers), statistics_(statistics), clock_(clock), frame_(frame) {}

  Answer show(const Request& request);
  // Answers the filtered list as a CSV or JSON file of at most kMaxExported tasks. The last line or member of
  // a cut file, and its header Link, have the address of the rest.
  Answer exportTasks(const Request& request);

  static constexpr int kMaxExported = 10000;

 private:
  void addTabs(const Request& request, const GridQuery& query, kainjow::mustache::data& to);
  void addFilter(const Request& request, const GridQuery& query, kainjow::mustache::data& to);
  void addRows(const Request& request, const GridQuery& query, const TaskGrid& grid,
               kainjow::mustache::data& to);
  void addNeighbours(const Request& request, const GridQuery& query, const TaskGrid& grid,
                     kainjow::mustache::data& to);

  HandlerStore& handlers_;
  StatisticsStore& statistics_;
  DatabaseClock& clock_;
  const PageFrame& frame_;
};

}  // namespace taskqueue::web
