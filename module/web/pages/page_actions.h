// The small forms of the pages: each does one thing and leads back to its page.
#pragma once

#include <functional>

#include "module/queue/task_queue.h"
#include "module/web/api.h"
#include "module/web/pages/page_frame.h"

namespace taskqueue::web {

class PageActions {
 public:
  PageActions(TaskQueue& queue, Api& api, const PageFrame& frame, std::function<void()> wake)
      : queue_(queue), api_(api), frame_(frame), wake_(std::move(wake)) {}

  using ApiOperation = Answer (Api::*)(const Request&);
  // Does what the API does, then 303 to the page, in which {Id} is the request's; what the API refuses is
  // answered as it is.
  Answer asByApi(ApiOperation operation, const Request& request, std::string page);
  Answer limitHandler(const Request& request);
  Answer limitRunners(const Request& request);
  Answer chooseView(const Request& request);  // 303 to where the form was

 private:
  TaskQueue& queue_;
  Api& api_;
  const PageFrame& frame_;
  std::function<void()> wake_;
};

}  // namespace taskqueue::web
