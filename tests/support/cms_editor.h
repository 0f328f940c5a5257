// Imitates the CMS's editor. It copies a task and its runs when a user opens it. Saving deletes the live rows
// and inserts the copies, each statement on its own.
#pragma once

#include "module/store/database/connection.h"

namespace taskqueue::test_support {

class CmsEditor {
 public:
  enum class Scope { TaskAlone, TaskAndRuns };

  // Uses the connection's temporary tables.
  explicit CmsEditor(store::Connection& connection);

  void open(int taskQueueId, Scope scope);
  // Returns false when the database refused a statement; some rows are then missing, as in the CMS.
  bool save();

 private:
  bool execute(const std::string& text);

  store::Connection& connection_;
  int taskQueueId_ = 0;
  Scope scope_ = Scope::TaskAlone;
};

}  // namespace taskqueue::test_support
