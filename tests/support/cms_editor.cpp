#include "tests/support/cms_editor.h"

namespace taskqueue::test_support {

CmsEditor::CmsEditor(store::Connection& connection) : connection_(connection) {
  for (const char* table : {"TaskQueue", "TaskRuns"}) {
    connection_.queryText(connection_.names().expand("CREATE OR REPLACE TEMPORARY TABLE ses_1_edit_" +
                                                     std::string(table) + " LIKE {" + table + "}"));
  }
}

bool CmsEditor::execute(const std::string& text) {
  try {
    connection_.queryText(connection_.names().expand(text));
    return true;
  } catch (const StoreError&) {
    return false;
  }
}

void CmsEditor::open(int taskQueueId, Scope scope) {
  taskQueueId_ = taskQueueId;
  scope_ = scope;
  const std::string id = std::to_string(taskQueueId);
  execute("DELETE FROM ses_1_edit_TaskQueue");
  execute("DELETE FROM ses_1_edit_TaskRuns");
  execute("INSERT INTO ses_1_edit_TaskQueue SELECT * FROM {TaskQueue} WHERE Id = " + id);
  if (scope == Scope::TaskAndRuns)
    execute("INSERT INTO ses_1_edit_TaskRuns SELECT * FROM {TaskRuns} WHERE TaskQueueId = " + id);
}

bool CmsEditor::save() {
  const std::string id = std::to_string(taskQueueId_);
  bool all = execute("DELETE FROM {TaskQueue} WHERE Id = " + id);
  all = execute("INSERT INTO {TaskQueue} SELECT * FROM ses_1_edit_TaskQueue") && all;
  if (scope_ == Scope::TaskAlone) return all;
  all = execute("DELETE FROM {TaskRuns} WHERE TaskQueueId = " + id) && all;
  return execute("INSERT INTO {TaskRuns} SELECT * FROM ses_1_edit_TaskRuns") && all;
}

}  // namespace taskqueue::test_support
