// What is done to many tasks at once: first the question, then a task of its own that does it.
#pragma once

#include <functional>

#include "module/queue/task_queue.h"
#include "module/web/pages/page_frame.h"

namespace taskqueue::web {

class BulkPage {
 public:
  BulkPage(TaskStore& store, TaskQueue& queue, const PageFrame& frame, std::function<void()> wake)
      : store_(store), queue_(queue), frame_(frame), wake_(std::move(wake)) {}

  // A form with `action` (retry, cancel: the `task`s named; retry-all, cancel-all: all that match `filter`).
  // Without `confirmed` the question, 200; with it 303 to the task that does it.
  Answer act(const Request& request);

 private:
  TaskStore& store_;
  TaskQueue& queue_;
  const PageFrame& frame_;
  std::function<void()> wake_;
};

}  // namespace taskqueue::web
