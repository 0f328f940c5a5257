#include "tests/bench/history.h"

#include <algorithm>
#include <string>

namespace taskqueue::bench {
namespace {

constexpr std::int64_t kAtOnce = 100'000;  // rows per statement

}  // namespace

void fillHistory(store::Connection& connection, std::int64_t tasks) {
  const auto number = [&](const char* query) { return connection.queryText(query).at(0).integer(); };
  std::int64_t present = number("SELECT COUNT(*) FROM inp_TaskQueue");
  while (present < tasks) {
    const std::int64_t count = std::min(kAtOnce, tasks - present);
    const std::int64_t last = number("SELECT COALESCE(MAX(Id), 0) FROM inp_TaskQueue");
    // A row's position in the history determines its time.
    const std::string when = "UNIX_TIMESTAMP() - FLOOR(2592000 * (1 - (seq + " + std::to_string(present) +
                             ") / " + std::to_string(tasks) + "))";
    connection.queryText(
        "INSERT INTO inp_TaskQueue (TaskHandlerClass, TaskData, ScheduledOn, QueuedOn, NextRunOn, "
        "LastStatus, "
        "MaxRetries, TaskRunsFailed, Title) SELECT CONCAT('Handler', seq % 5), "
        "'{\"to\":\"user@example.com\",\"n\":12345}', " +
        when + ", " + when +
        ", NULL, IF(seq % 20 = 0, 'error', 'success'), 1, IF(seq % 20 = 0, 1, 0), CONCAT('Task ', seq) FROM "
        "seq_1_to_" +
        std::to_string(count));
    connection.queryText(
        "INSERT INTO inp_TaskRuns (TaskQueueId, Attempt, StartedOn, FinishedOn, PercentsCompleted, Status, "
        "TaskRunnerId, RunToken, RunMs, ErrorCode) SELECT Id, 1, QueuedOn, QueuedOn, 100, LastStatus, 1, Id, "
        "5, "
        "IF(LastStatus = 'error', 'bench', '') FROM inp_TaskQueue WHERE Id > " +
        std::to_string(last) + " ORDER BY Id");
    present += count;
  }
  connection.queryText("ANALYZE TABLE inp_TaskQueue, inp_TaskRuns");
}

}  // namespace taskqueue::bench
