// One run: its progress, result or error, and the output of both streams.
#pragma once

#include "module/queue/task_store.h"
#include "module/web/pages/page_frame.h"

namespace taskqueue::web {

class RunPage {
 public:
  RunPage(TaskStore& store, const PageFrame& frame) : store_(store), frame_(frame) {}

  Answer show(const Request& request);

 private:
  TaskStore& store_;
  const PageFrame& frame_;
};

}  // namespace taskqueue::web
