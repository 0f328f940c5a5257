// Which mails have been sent although nobody knows yet: a run that dies between the mail server's answer and
// the write of its end must not let its mail be sent again.
#pragma once

#include <optional>
#include <string>

#include "module/store/connection.h"
#include "runner/handlers/task_handler.h"

namespace taskqueue::handlers {

// Belongs to the connection's thread. Kept in TaskCheckpoints, a row for each task.
class SentMails {
 public:
  explicit SentMails(store::Connection& connection) : connection_(connection) {}

  // The Results of an earlier run of this task that had sent the mail and did not live to say so. Nothing
  // after a success: whoever retries that wants the mail sent again. Throws StoreError.
  std::optional<std::string> findUntold(const TaskRun& run);

  // Throws StoreError; may be repeated.
  void note(const TaskRun& run, const std::string& results);

 private:
  store::Connection& connection_;
};

}  // namespace taskqueue::handlers
