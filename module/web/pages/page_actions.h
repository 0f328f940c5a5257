// Handles the small forms of the pages. Each executes one action and returns to its page, or to the page that
// the field `back` names, with a flash line.
#pragma once

#include <functional>

#include "module/queue/store/database_clock.h"
#include "module/queue/store/task_store.h"
#include "module/queue/task_queue.h"
#include "module/web/api.h"
#include "module/web/pages/page_frame.h"

namespace taskqueue::web {

class PageActions {
 public:
  PageActions(TaskStore& tasks, DatabaseClock& clock, TaskQueue& queue, Api& api, const PageFrame& frame,
              std::function<void()> wake)
      : tasks_(tasks), clock_(clock), queue_(queue), api_(api), frame_(frame), wake_(std::move(wake)) {}

  using ApiOperation = Answer (Api::*)(const Request&);
  // Executes an API operation, then answers 303 to the page; {Id} in `page` is the request's. Problems of the
  // API are returned unchanged. `done` is the word of the flash line; its subject is the request's Id or
  // Name.
  Answer asByApi(ApiOperation operation, const Request& request, std::string page, const std::string& done);
  Answer cancelTask(const Request& request);
  // Retries a task. A task that has succeeded is retried only with the field `confirmed`; without it the
  // answer is 200 with the question. If the field `Was` is given, the task is retried only from this status.
  Answer retryTask(const Request& request);
  Answer fireSchedule(const Request& request);
  // Pauses all queues with the fields Reason and Seconds; both may be empty.
  Answer pauseAll(const Request& request);
  Answer resumeAll(const Request& request);
  Answer limitHandler(const Request& request);
  Answer limitRunners(const Request& request);
  Answer chooseView(const Request& request);  // answers 303 to the page of the form

 private:
  Response done(const Request& request, const std::string& page, const Flash& flash) const;
  Response askAboutRunningAgain(const Request& request, const Task& task) const;

  TaskStore& tasks_;
  DatabaseClock& clock_;
  TaskQueue& queue_;
  Api& api_;
  const PageFrame& frame_;
  std::function<void()> wake_;
};

}  // namespace taskqueue::web
