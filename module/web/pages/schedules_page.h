// Shows the schedules.
#pragma once

#include "module/queue/task_store.h"
#include "module/web/pages/page_frame.h"

namespace taskqueue::web {

class SchedulesPage {
 public:
  SchedulesPage(TaskStore& store, const PageFrame& frame) : store_(store), frame_(frame) {}

  Answer show(const Request& request);

 private:
  TaskStore& store_;
  const PageFrame& frame_;
};

}  // namespace taskqueue::web
