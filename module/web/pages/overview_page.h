// The first page: is it well, what is stuck, why, and what to do about it.
#pragma once

#include "module/web/pages/page_frame.h"

namespace taskqueue::web {

class OverviewPage {
 public:
  explicit OverviewPage(const PageFrame& frame) : frame_(frame) {}

  Answer show(const Request& request);

 private:
  const PageFrame& frame_;
};

}  // namespace taskqueue::web
