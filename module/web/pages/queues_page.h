// Shows each queue's backlog and its age, throughput and pause.
#pragma once

#include "module/queue/store/database_clock.h"
#include "module/queue/store/handler_store.h"
#include "module/queue/store/runner_store.h"
#include "module/queue/store/statistics_store.h"
#include "module/web/pages/page_frame.h"

namespace taskqueue::web {

class QueuesPage {
 public:
  QueuesPage(RunnerStore& runners, HandlerStore& handlers, StatisticsStore& statistics, DatabaseClock& clock,
             const PageFrame& frame)
      : runners_(runners), handlers_(handlers), statistics_(statistics), clock_(clock), frame_(frame) {}

  Answer show(const Request& request);

 private:
  RunnerStore& runners_;
  HandlerStore& handlers_;
  StatisticsStore& statistics_;
  DatabaseClock& clock_;
  const PageFrame& frame_;
};

}  // namespace taskqueue::web
