// Shows one handler: its runs over a span against the span before, its errors, limits and tasks.
#pragma once

#include <map>

#include "module/queue/store/database_clock.h"
#include "module/queue/store/error_store.h"
#include "module/queue/store/handler_store.h"
#include "module/queue/store/statistics_store.h"
#include "module/web/pages/page_frame.h"
#include "module/web/pages/spans.h"

namespace taskqueue::web {

class HandlerPage {
 public:
  HandlerPage(HandlerStore& handlers, StatisticsStore& statistics, ErrorStore& errors, DatabaseClock& clock,
              const PageFrame& frame)
      : handlers_(handlers), statistics_(statistics), errors_(errors), clock_(clock), frame_(frame) {}

  Answer show(const Request& request);

 private:
  bool addDeclaration(const std::string& name, const Texts& say, kainjow::mustache::data& to);
  bool addRuns(const std::string& name, const LongSpan& span, const Texts& say, kainjow::mustache::data& to);
  bool addErrors(const std::string& name, const LongSpan& span, const Texts& say,
                 kainjow::mustache::data& to);
  bool addTasks(const std::string& name, const Texts& say, kainjow::mustache::data& to);

  HandlerStore& handlers_;
  StatisticsStore& statistics_;
  ErrorStore& errors_;
  DatabaseClock& clock_;
  const PageFrame& frame_;
};

}  // namespace taskqueue::web
