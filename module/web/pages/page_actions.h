// The small forms of the pages: each does one thing and leads back to its page.
#pragma once

#include <functional>

#include "module/queue/task_queue.h"
#include "module/web/api.h"
#include "module/web/pages/page_frame.h"

namespace taskqueue::web {

class PageActions {
 public:
  PageActions(TaskStore& store, TaskQueue& queue, Api& api, const PageFrame& frame,
              std::function<void()> wake)
      : store_(store), queue_(queue), api_(api), frame_(frame), wake_(std::move(wake)) {}

  Answer cancelTask(const Request& request);  // 303 to the task; 404; 409
  Answer retryTask(const Request& request);
  Answer pauseQueue(const Request& request);  // 303 to the list; 422
  Answer resumeQueue(const Request& request);
  Answer pauseHandler(const Request& request);
  Answer resumeHandler(const Request& request);
  Answer limitHandler(const Request& request);
  Answer drainRunner(const Request& request);  // 303; 409 when it does not run
  Answer enableSchedule(const Request& request);
  Answer disableSchedule(const Request& request);
  Answer fireSchedule(const Request& request);  // makes its task now
  Answer chooseView(const Request& request);    // 303 to where the form was

 private:
  Answer after(const Answer& outcome, const std::string& path);

  TaskStore& store_;
  TaskQueue& queue_;
  Api& api_;
  const PageFrame& frame_;
  std::function<void()> wake_;
};

}  // namespace taskqueue::web
