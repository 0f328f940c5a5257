// Shows one task: its status, why it waits, its runs, data and audit records, and the possible actions.
#pragma once

#include "module/queue/task_store.h"
#include "module/web/pages/json_tree.h"
#include "module/web/pages/page_frame.h"

namespace taskqueue::web {

class TaskPage {
 public:
  TaskPage(TaskStore& store, const PageFrame& frame, const json::SensitiveMembers& sensitive)
      : store_(store), frame_(frame), tree_(sensitive) {}

  Answer show(const Request& request);

 private:
  void addRuns(const std::vector<Run>& runs, const Task& task, const Texts& say, kainjow::mustache::data& to);
  void addAudit(int id, kainjow::mustache::data& to);

  TaskStore& store_;
  const PageFrame& frame_;
  JsonTree tree_;
};

}  // namespace taskqueue::web
