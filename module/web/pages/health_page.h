// Each thing that must hold, and what mends it.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "module/queue/task_store.h"
#include "module/web/pages/page_frame.h"

namespace taskqueue::web {

class HealthPage {
 public:
  HealthPage(TaskStore& store, const PageFrame& frame,
             std::function<std::optional<std::string>()> schemaProblem)
      : store_(store), frame_(frame), schemaProblem_(std::move(schemaProblem)) {}

  Answer show(const Request& request);

 private:
  void addAudit(kainjow::mustache::data& to);

  TaskStore& store_;
  const PageFrame& frame_;
  std::function<std::optional<std::string>()> schemaProblem_;
};

}  // namespace taskqueue::web
