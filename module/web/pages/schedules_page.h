// Shows the schedules.
#pragma once

#include "module/queue/store/schedule_store.h"
#include "module/web/pages/page_frame.h"

namespace taskqueue::web {

class SchedulesPage {
 public:
  SchedulesPage(ScheduleStore& schedules, const PageFrame& frame) : schedules_(schedules), frame_(frame) {}

  Answer show(const Request& request);

 private:
  ScheduleStore& schedules_;
  const PageFrame& frame_;
};

}  // namespace taskqueue::web
