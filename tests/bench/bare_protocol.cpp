#include "tests/bench/bare_protocol.h"

#include <array>
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "tests/bench/measurement.h"

namespace taskqueue::bench {
namespace {

constexpr const char* kLockDue =
    "SELECT t.Id, t.TaskHandlerClass, t.TaskData FROM inp_TaskQueue t FORCE INDEX (Claim) WHERE t.Queue = "
    "'default' AND t.Priority = 5 AND t.NextRunOn <= UNIX_TIMESTAMP() ORDER BY t.NextRunOn, t.Id LIMIT ? FOR "
    "UPDATE SKIP LOCKED";
constexpr const char* kMarkRunning =
    "UPDATE JSON_TABLE(?, '$[*]' COLUMNS (Id INT PATH '$.q')) v STRAIGHT_JOIN inp_TaskQueue t FORCE INDEX "
    "(PRIMARY) ON t.Id = v.Id SET t.NextRunOn = NULL, t.LastStatus = 'running'";
constexpr const char* kOpenRuns =
    "INSERT INTO inp_TaskRuns (TaskQueueId, OpenTaskQueueId, Attempt, StartedOn, Status, TaskRunnerId, "
    "RunToken) SELECT v.Id, v.Id, 1, UNIX_TIMESTAMP(), 'running', 1, v.Token FROM JSON_TABLE(?, '$[*]' "
    "COLUMNS "
    "(Id INT PATH '$.q', Token VARCHAR(32) PATH '$.k')) v RETURNING Id, TaskQueueId";
constexpr const char* kFinishRuns =
    "UPDATE JSON_TABLE(?, '$[*]' COLUMNS (Id INT PATH '$.r', RunToken VARCHAR(32) PATH '$.k')) v "
    "STRAIGHT_JOIN "
    "inp_TaskRuns r FORCE INDEX (PRIMARY) ON r.Id = v.Id SET r.Status = 'success', r.OpenTaskQueueId = NULL, "
    "r.FinishedOn = UNIX_TIMESTAMP(), r.PercentsCompleted = 100, r.RunMs = 0 WHERE r.RunToken = v.RunToken "
    "COLLATE utf8mb4_nopad_bin AND r.Status = 'running'";
constexpr const char* kFinishTasks =
    "UPDATE JSON_TABLE(?, '$[*]' COLUMNS (Id INT PATH '$.q')) v STRAIGHT_JOIN inp_TaskQueue t FORCE INDEX "
    "(PRIMARY) ON t.Id = v.Id SET t.LastStatus = 'success', t.TaskRunsFailed = 0, t.ActiveKey = NULL";

struct Owned {
  int runId;
  int taskId;
  std::string token;
};

// One claimer, like a runner that has only the database connection.
class BareClaimer {
 public:
  BareClaimer(const BareServer& server, int number)
      : connection_(server),
        number_(number),
        lockDue_(connection_.prepare(kLockDue)),
        markRunning_(connection_.prepare(kMarkRunning)),
        openRuns_(connection_.prepare(kOpenRuns)),
        finishRuns_(connection_.prepare(kFinishRuns)),
        finishTasks_(connection_.prepare(kFinishTasks)) {}

  // Works until nothing is due, and returns the number of finished tasks.
  int drain(int batch) {
    int finished = 0;
    while (true) {
      try {
        connection_.say("START TRANSACTION");
        if (!owned_.empty()) finish();
        auto claimed = claim(batch);
        connection_.say("COMMIT");
        finished += static_cast<int>(owned_.size());
        owned_ = std::move(claimed);
        if (owned_.empty()) return finished;
      } catch (const Lost&) {
        connection_.say("ROLLBACK");
      }
    }
  }

 private:
  void finish() {
    std::string rows = "[";
    for (const Owned& owned : owned_) {
      rows += rows.size() > 1 ? ",{\"r\":" : "{\"r\":";
      rows += std::to_string(owned.runId) + ",\"q\":" + std::to_string(owned.taskId) + ",\"k\":\"" +
              owned.token + "\"}";
    }
    rows += "]";
    run(finishRuns_, rows);
    run(finishTasks_, rows);
  }

  std::vector<Owned> claim(int batch) {
    std::string rows = "[";
    std::vector<Owned> claimed;
    for (const int id : lockDue(batch)) {
      char token[33];
      std::snprintf(token, sizeof token, "%08x%024d", number_, ++tokens_);
      rows += rows.size() > 1 ? ",{\"q\":" : "{\"q\":";
      rows += std::to_string(id) + ",\"k\":\"" + token + "\"}";
      claimed.push_back({0, id, token});
    }
    rows += "]";
    if (claimed.empty()) return claimed;
    run(markRunning_, rows);
    run(openRuns_, rows);
    std::array<int, 2> ids{};
    std::array<MYSQL_BIND, 2> binds{};
    for (std::size_t i = 0; i < binds.size(); ++i) {
      binds[i].buffer_type = MYSQL_TYPE_LONG;
      binds[i].buffer = &ids[i];
    }
    mysql_stmt_bind_result(openRuns_, binds.data());
    mysql_stmt_store_result(openRuns_);
    for (std::size_t i = 0; mysql_stmt_fetch(openRuns_) == 0; ++i) claimed.at(i).runId = ids[0];
    mysql_stmt_free_result(openRuns_);
    return claimed;
  }

  std::vector<int> lockDue(int batch) {
    MYSQL_BIND limit{};
    limit.buffer_type = MYSQL_TYPE_LONG;
    limit.buffer = &batch;
    run(lockDue_, limit);
    int id = 0;
    std::array<char, 256> name{};
    std::array<char, 4096> text{};
    std::array<MYSQL_BIND, 3> binds{};
    binds[0].buffer_type = MYSQL_TYPE_LONG;
    binds[0].buffer = &id;
    binds[1].buffer_type = MYSQL_TYPE_STRING;
    binds[1].buffer = name.data();
    binds[1].buffer_length = name.size();
    binds[2].buffer_type = MYSQL_TYPE_STRING;
    binds[2].buffer = text.data();
    binds[2].buffer_length = text.size();
    mysql_stmt_bind_result(lockDue_, binds.data());
    mysql_stmt_store_result(lockDue_);
    std::vector<int> ids;
    while (mysql_stmt_fetch(lockDue_) == 0) ids.push_back(id);
    mysql_stmt_free_result(lockDue_);
    return ids;
  }

  BareConnection connection_;
  int number_;
  int tokens_ = 0;
  std::vector<Owned> owned_;
  MYSQL_STMT* lockDue_;
  MYSQL_STMT* markRunning_;
  MYSQL_STMT* openRuns_;
  MYSQL_STMT* finishRuns_;
  MYSQL_STMT* finishTasks_;
};

}  // namespace

double drainBare(const BareServer& server, int connections, int batch) {
  std::vector<std::unique_ptr<BareClaimer>> claimers;
  for (int i = 0; i < connections; ++i) claimers.push_back(std::make_unique<BareClaimer>(server, i));
  std::atomic<int> finished = 0;
  const auto start = Clock::now();
  {
    std::vector<std::jthread> threads;
    for (const auto& claimer : claimers) {
      threads.emplace_back([&finished, batch, one = claimer.get()] { finished += one->drain(batch); });
    }
  }
  return finished / secondsSince(start);
}

}  // namespace taskqueue::bench
