// Shows the runners, newest first.
#pragma once

#include "module/queue/store/handler_store.h"
#include "module/queue/store/runner_store.h"
#include "module/web/pages/page_frame.h"

namespace taskqueue::web {

class RunnersPage {
 public:
  RunnersPage(RunnerStore& runners, HandlerStore& handlers, const PageFrame& frame)
      : runners_(runners), handlers_(handlers), frame_(frame) {}

  Answer show(const Request& request);

 private:
  RunnerStore& runners_;
  HandlerStore& handlers_;
  const PageFrame& frame_;
};

}  // namespace taskqueue::web
