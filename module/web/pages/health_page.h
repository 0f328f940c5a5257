// Shows the health checks, with fixes for those that fail, and the last changes.
#pragma once

#include "module/queue/task_store.h"
#include "module/web/api.h"
#include "module/web/pages/page_frame.h"

namespace taskqueue::web {

class HealthPage {
 public:
  HealthPage(TaskStore& store, Api& api, const PageFrame& frame) : store_(store), api_(api), frame_(frame) {}

  Answer show(const Request& request);

 private:
  void addAudit(kainjow::mustache::data& to);

  TaskStore& store_;
  Api& api_;
  const PageFrame& frame_;
};

}  // namespace taskqueue::web
