// Shows each handler's runners, success rate, speed, limits and pause.
#pragma once

#include "module/queue/store/database_clock.h"
#include "module/queue/store/handler_store.h"
#include "module/queue/store/statistics_store.h"
#include "module/web/pages/page_frame.h"

namespace taskqueue::web {

class HandlersPage {
 public:
  HandlersPage(HandlerStore& handlers, StatisticsStore& statistics, DatabaseClock& clock,
               const PageFrame& frame)
      : handlers_(handlers), statistics_(statistics), clock_(clock), frame_(frame) {}

  Answer show(const Request& request);

 private:
  HandlerStore& handlers_;
  StatisticsStore& statistics_;
  DatabaseClock& clock_;
  const PageFrame& frame_;
};

}  // namespace taskqueue::web
