// Remembers sent mails whose run has not ended yet. If a run dies after the mail server's answer and before
// its end is written, its mail must not be sent again.
#pragma once

#include <optional>
#include <string>

#include "module/store/database/connection.h"
#include "runner/handlers/task_handler.h"

namespace taskqueue::handlers {

// Belongs to the connection's thread. TaskCheckpoints stores one row for each task.
class SentMails {
 public:
  explicit SentMails(store::Connection& connection) : connection_(connection) {}

  // Returns the Results of an earlier run of this task that sent the mail but did not end as `success`. After
  // a success it returns nothing: a retry then means that the mail is wanted again. Throws StoreError.
  std::optional<std::string> findUnreported(const TaskRun& run);

  // Throws StoreError; the call may be repeated.
  void note(const TaskRun& run, const std::string& results);

 private:
  store::Connection& connection_;
};

}  // namespace taskqueue::handlers
