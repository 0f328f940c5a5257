// Shows the first page: the health, current and failed runs, and charts.
#pragma once

#include "module/queue/task_store.h"
#include "module/web/api.h"
#include "module/web/pages/page_frame.h"

namespace taskqueue::web {

class OverviewPage {
 public:
  OverviewPage(TaskStore& store, Api& api, const PageFrame& frame)
      : store_(store), api_(api), frame_(frame) {}

  Answer show(const Request& request);
  // Answers the numbers of the charts as JSON.
  Answer chart(const Request& request);

 private:
  void addHealth(const Texts& say, kainjow::mustache::data& to);
  void addTiles(const Texts& say, kainjow::mustache::data& to);
  void addRunning(kainjow::mustache::data& to);
  void addFailures(kainjow::mustache::data& to);
  void addParts(const std::string& chosenSpan, const Texts& say, kainjow::mustache::data& to);

  TaskStore& store_;
  Api& api_;
  const PageFrame& frame_;
};

}  // namespace taskqueue::web
