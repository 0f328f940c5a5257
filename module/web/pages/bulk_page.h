// Starts actions on many tasks. It asks first, and then enqueues a bulk task.
#pragma once

#include <functional>

#include "module/queue/store/statistics_store.h"
#include "module/queue/store/task_store.h"
#include "module/queue/task_queue.h"
#include "module/web/pages/bulk_preview.h"
#include "module/web/pages/page_frame.h"

namespace taskqueue::web {

class BulkPage {
 public:
  BulkPage(TaskStore& tasks, StatisticsStore& statistics, TaskQueue& queue, const PageFrame& frame,
           std::function<void()> wake)
      : tasks_(tasks), statistics_(statistics), queue_(queue), frame_(frame), wake_(std::move(wake)) {}

  // Handles a form with `action`. The actions retry and cancel concern the named `task`s; retry-all and
  // cancel-all concern all that match `filter`. Without `confirmed` it answers 200 with the question: what
  // will change, counted. Otherwise it answers 303 to the bulk task.
  Answer act(const Request& request);

 private:
  Response ask(const Request& request, const std::string& filterText, const std::string& action,
               const BulkPreview& preview) const;

  TaskStore& tasks_;
  StatisticsStore& statistics_;
  TaskQueue& queue_;
  const PageFrame& frame_;
  std::function<void()> wake_;
};

}  // namespace taskqueue::web
