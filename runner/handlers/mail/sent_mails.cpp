#include "runner/handlers/mail/sent_mails.h"

namespace taskqueue::handlers {
namespace {

using store::Sql;

// Uses the unique key TaskQueueId and the runs' key on their task. A released run has no token any more.
const Sql kFindUnreported{
    "find-untold-mail",
    "SELECT c.Checkpoint FROM {TaskCheckpoints} c WHERE c.TaskQueueId = ? AND NOT EXISTS "
    "(SELECT 1 FROM {TaskRuns} r WHERE r.TaskQueueId = c.TaskQueueId AND r.RunToken = c.RunToken "
    "AND r.Status = 'success')"};

// Uses the unique key TaskQueueId.
const Sql kNoteSent{"note-sent-mail",
                    "INSERT INTO {TaskCheckpoints} (TaskQueueId, RunToken, Checkpoint, UpdatedOn) "
                    "VALUES (?, ?, ?, UNIX_TIMESTAMP()) ON DUPLICATE KEY UPDATE RunToken = VALUES(RunToken), "
                    "Checkpoint = VALUES(Checkpoint), UpdatedOn = VALUES(UpdatedOn)"};

}  // namespace

std::optional<std::string> SentMails::findUnreported(const TaskRun& run) {
  auto rows = connection_.query(kFindUnreported, {std::int64_t{run.taskQueueId()}});
  if (rows.empty()) return std::nullopt;
  return rows.front().text();
}

void SentMails::note(const TaskRun& run, const std::string& results) {
  connection_.execute(kNoteSent, {std::int64_t{run.taskQueueId()}, run.runToken(), results});
}

}  // namespace taskqueue::handlers
