// The first page: is it well, what is stuck, why, and what to do about it.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "module/queue/task_store.h"
#include "module/web/pages/page_frame.h"

namespace taskqueue::web {

class OverviewPage {
 public:
  OverviewPage(TaskStore& store, const PageFrame& frame,
               std::function<std::optional<std::string>()> schemaProblem)
      : store_(store), frame_(frame), schemaProblem_(std::move(schemaProblem)) {}

  Answer show(const Request& request);
  // The numbers of the charts, as JSON.
  Answer chart(const Request& request);

 private:
  void addHealth(const Texts& say, kainjow::mustache::data& to);
  void addTiles(const Texts& say, kainjow::mustache::data& to);
  void addRunning(kainjow::mustache::data& to);
  void addFailures(kainjow::mustache::data& to);
  void addParts(const std::string& chosenSpan, const Texts& say, kainjow::mustache::data& to);

  TaskStore& store_;
  const PageFrame& frame_;
  std::function<std::optional<std::string>()> schemaProblem_;
};

}  // namespace taskqueue::web
