// What is enqueued at its times by itself.
#pragma once

#include "module/web/pages/page_frame.h"

namespace taskqueue::web {

class SchedulesPage {
 public:
  explicit SchedulesPage(const PageFrame& frame) : frame_(frame) {}

  Answer show(const Request& request);

 private:
  const PageFrame& frame_;
};

}  // namespace taskqueue::web
