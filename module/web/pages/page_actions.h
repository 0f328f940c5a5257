// Handles the small forms of the pages. Each executes one action and returns to its page.
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
  // Executes an API operation, then answers 303 to the page; {Id} in `page` is the request's. Problems of the
  // API are returned unchanged.
  Answer asByApi(ApiOperation operation, const Request& request, std::string page);
  Answer limitHandler(const Request& request);
  Answer limitRunners(const Request& request);
  Answer chooseView(const Request& request);  // answers 303 to the page of the form

 private:
  TaskQueue& queue_;
  Api& api_;
  const PageFrame& frame_;
  std::function<void()> wake_;
};

}  // namespace taskqueue::web
