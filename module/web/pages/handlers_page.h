// Shows each handler's runners, success rate, speed, limits and pause.
#pragma once

#include "module/queue/task_store.h"
#include "module/web/pages/page_frame.h"

namespace taskqueue::web {

class HandlersPage {
 public:
  HandlersPage(TaskStore& store, const PageFrame& frame) : store_(store), frame_(frame) {}

  Answer show(const Request& request);

 private:
  TaskStore& store_;
  const PageFrame& frame_;
};

}  // namespace taskqueue::web
