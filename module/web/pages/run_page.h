// One run: how it stands and ended, what it used, its results or error, and the log of each stream. The two
// streams are kept apart, and nothing tells in which order their lines were written: they are shown as two
// logs.
#pragma once

#include "module/queue/task_store.h"
#include "module/web/pages/json_tree.h"
#include "module/web/pages/page_frame.h"
#include "module/web/pages/run_log.h"

namespace taskqueue::web {

class RunPage {
 public:
  RunPage(TaskStore& store, const PageFrame& frame, const json::SensitiveMembers& sensitive)
      : store_(store), frame_(frame), tree_(sensitive) {}

  Answer show(const Request& request);
  // A window of the log as JSON, for the page's script.
  Answer log(const Request& request);
  // What is kept of a stream, as it was written.
  Answer raw(const Request& request);
  // A file that it has left for download.
  Answer file(const Request& request);

 private:
  void showLog(kainjow::mustache::data& to, const Run& run, LogQuery query, const Texts& texts) const;
  void showTask(kainjow::mustache::data& to, const Run& run, const Texts& texts) const;
  void showFiles(kainjow::mustache::data& to, const Run& run) const;
  void showError(kainjow::mustache::data& to, const Run& run, const Texts& texts) const;

  TaskStore& store_;
  const PageFrame& frame_;
  JsonTree tree_;
};

}  // namespace taskqueue::web
