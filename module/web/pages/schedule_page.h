// Shows one schedule: its times in words, the next instants, its firings and their tasks; and removes it.
#pragma once

#include "module/queue/schedule/schedules.h"
#include "module/queue/store/stores.h"
#include "module/web/pages/json_tree.h"
#include "module/web/pages/page_frame.h"

namespace taskqueue::web {

class SchedulePage {
 public:
  SchedulePage(const Stores& stores, TaskQueue& queue, const PageFrame& frame,
               const platform::Configuration& configuration)
      : stores_(stores),
        schedules_(stores, queue, configuration.limits),
        frame_(frame),
        tree_(configuration.web.sensitiveMembers) {}

  Answer show(const Request& request);
  // Without the field `confirmed` it answers 200 with the question, otherwise 303 to the list.
  Answer remove(const Request& request);

 private:
  Stores stores_;
  Schedules schedules_;
  const PageFrame& frame_;
  JsonTree tree_;
};

}  // namespace taskqueue::web
