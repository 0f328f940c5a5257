// Shows the first page: the health, current and failed runs, and charts.
#pragma once

#include "module/queue/store/database_clock.h"
#include "module/queue/store/error_store.h"
#include "module/queue/store/maintenance_store.h"
#include "module/queue/store/runner_store.h"
#include "module/queue/store/statistics_store.h"
#include "module/queue/store/task_store.h"
#include "module/web/api.h"
#include "module/web/pages/page_frame.h"

namespace taskqueue::web {

class OverviewPage {
 public:
  OverviewPage(TaskStore& tasks, RunnerStore& runners, MaintenanceStore& maintenance,
               StatisticsStore& statistics, ErrorStore& errors, DatabaseClock& clock, Api& api,
               const PageFrame& frame)
      : tasks_(tasks),
        runners_(runners),
        maintenance_(maintenance),
        statistics_(statistics),
        errors_(errors),
        clock_(clock),
        api_(api),
        frame_(frame) {}

  Answer show(const Request& request);
  // Answers the numbers of the charts as JSON.
  Answer chart(const Request& request);

 private:
  void addHealth(const Texts& say, kainjow::mustache::data& to);
  void addTiles(const Texts& say, kainjow::mustache::data& to);
  void addRunning(kainjow::mustache::data& to);
  void addErrors(const Texts& say, kainjow::mustache::data& to);
  void addParts(const std::string& chosenSpan, const Texts& say, kainjow::mustache::data& to);

  TaskStore& tasks_;
  RunnerStore& runners_;
  MaintenanceStore& maintenance_;
  StatisticsStore& statistics_;
  ErrorStore& errors_;
  DatabaseClock& clock_;
  Api& api_;
  const PageFrame& frame_;
};

}  // namespace taskqueue::web
