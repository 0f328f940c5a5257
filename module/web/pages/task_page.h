// Shows one task: its status, why it waits, its runs, data and audit records, and the possible actions.
#pragma once

#include <chrono>

#include "module/queue/store/audit_log.h"
#include "module/queue/store/task_store.h"
#include "module/web/pages/json_tree.h"
#include "module/web/pages/page_frame.h"

namespace taskqueue::web {

class TaskPage {
 public:
  TaskPage(TaskStore& tasks, AuditLog& audit, const PageFrame& frame, const json::SensitiveMembers& sensitive,
           std::chrono::seconds killGrace)
      : tasks_(tasks), audit_(audit), frame_(frame), tree_(sensitive), killGrace_(killGrace) {}

  Answer show(const Request& request);

 private:
  void addRuns(const std::vector<Run>& runs, const Task& task, const Texts& say, kainjow::mustache::data& to);
  void addButtons(const WaitFacts& facts, const std::vector<Run>& runs, const Texts& say,
                  kainjow::mustache::data& to);
  void addAudit(int id, kainjow::mustache::data& to);

  TaskStore& tasks_;
  AuditLog& audit_;
  const PageFrame& frame_;
  JsonTree tree_;
  std::chrono::seconds killGrace_;  // between the request to stop and the kill
};

}  // namespace taskqueue::web
