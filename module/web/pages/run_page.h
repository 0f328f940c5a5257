// Shows one run: its status, resources, results or error, and logs. The two streams are stored without their
// common order, so they are shown as two logs.
#pragma once

#include "module/queue/store/database_clock.h"
#include "module/queue/store/statistics_store.h"
#include "module/queue/store/task_store.h"
#include "module/web/pages/json_tree.h"
#include "module/web/pages/page_frame.h"
#include "module/web/pages/run_log.h"

namespace taskqueue::web {

class RunPage {
 public:
  RunPage(TaskStore& tasks, StatisticsStore& statistics, DatabaseClock& clock, const PageFrame& frame,
          const json::SensitiveMembers& sensitive)
      : tasks_(tasks), statistics_(statistics), clock_(clock), frame_(frame), tree_(sensitive) {}

  Answer show(const Request& request);
  // Answers a window of the log as JSON, for the page's script.
  Answer log(const Request& request);
  // Answers the kept part of a stream as it was written.
  Answer raw(const Request& request);
  // Answers a file that the run offers for download.
  Answer file(const Request& request);

 private:
  void showLog(kainjow::mustache::data& to, const Run& run, LogQuery query, const Texts& texts) const;
  void showTask(kainjow::mustache::data& to, const Run& run, const Texts& texts) const;
  void showFiles(kainjow::mustache::data& to, const Run& run) const;
  void showError(kainjow::mustache::data& to, const Run& run, const Texts& texts) const;

  TaskStore& tasks_;
  StatisticsStore& statistics_;
  DatabaseClock& clock_;
  const PageFrame& frame_;
  JsonTree tree_;
};

}  // namespace taskqueue::web
