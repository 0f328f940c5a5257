// Keeps the rows of runners, their handlers and heartbeats, and asks them to drain or stop.
#include <algorithm>

#include "module/json/handler_settings.h"
#include "module/json/runner_problems.h"
#include "module/json/writer.h"
#include "module/store/claim/concurrency_limits.h"
#include "module/store/database/batches.h"
#include "module/store/handlers/unpark_tasks.h"
#include "module/store/runners/maria_runners.h"

namespace taskqueue::store {
namespace {

// A registration whose COMMIT was lost left a row of this very process. Served by the index Status.
const Sql kEndEarlierRows{"end-earlier-rows", R"(
  UPDATE {TaskRunners}
  SET Status = 'success', FinishedOn = UNIX_TIMESTAMP()
  WHERE Status = 'running'
    AND ProcessId = ?
    AND BootId = ?
    AND PidNamespace = ?
    AND ProcessStartTicks = ?
)"};

const Sql kInsertRunner{"insert-runner", R"(
  INSERT INTO {TaskRunners} (
    ProcessId, StartedOn, Status, HostName, BootId, PidNamespace, ProcessStartTicks,
    LastHeartbeatOn, HeartbeatCounter, Version, Queues, Slots
  )
  VALUES (?, UNIX_TIMESTAMP(), 'running', ?, ?, ?, ?, UNIX_TIMESTAMP(), 0, ?, ?, ?)
  RETURNING Id
)"};

const Sql kInsertHandlers{"insert-handlers", R"(
  INSERT INTO {TaskHandlers} (
    TaskRunnerId, TaskHandlerClass, Kind, DataSchema, TimeLimitSeconds, MaxRetries,
    RetryDelaySeconds, RetryDelayLimitSeconds, RetryDelays, UniqueSeconds, OnCrash, Queue, Priority
  )
  SELECT ?, v.TaskHandlerClass, v.Kind, v.DataSchema, v.TimeLimitSeconds, v.MaxRetries,
    v.RetryDelaySeconds, v.RetryDelayLimitSeconds, v.RetryDelays, v.UniqueSeconds, v.OnCrash, v.Queue, v.Priority
  FROM JSON_TABLE(?, '$[*]' COLUMNS (
    TaskHandlerClass VARCHAR(255) PATH '$.c', Kind VARCHAR(20) PATH '$.Kind',
    DataSchema LONGTEXT PATH '$.DataSchema', TimeLimitSeconds INT PATH '$.TimeLimitSeconds',
    MaxRetries INT PATH '$.MaxRetries', RetryDelaySeconds INT PATH '$.RetryDelaySeconds',
    RetryDelayLimitSeconds INT PATH '$.RetryDelayLimitSeconds', RetryDelays VARCHAR(255) PATH '$.Delays',
    UniqueSeconds INT PATH '$.UniqueSeconds',
    OnCrash VARCHAR(20) PATH '$.OnCrash', Queue VARCHAR(64) PATH '$.Queue',
    Priority INT PATH '$.Priority'
  )) v
)"};

// Writes the limits that handlers declare; a limit that an administrator has set stays. Served by the unique
// key TaskHandlerClass.
const Sql kDeclareLimits{"declare-limits", R"(
  INSERT INTO {TaskQueueLimits} (
    TaskHandlerClass, MaxRunning, MaxRunningPerKey, DeclaredByHandler, ChangedOn
  )
  SELECT v.Class, v.Most, v.MostPerKey, 1, UNIX_TIMESTAMP()
  FROM JSON_TABLE(?, '$[*]' COLUMNS (
    Class VARCHAR(255) PATH '$.c', Most INT PATH '$.MaxRunning',
    MostPerKey INT PATH '$.MaxRunningPerKey'
  )) v
  WHERE v.Most > 0 OR v.MostPerKey > 0
  ON DUPLICATE KEY UPDATE
    MaxRunning = IF(DeclaredByHandler = 1, VALUES(MaxRunning), MaxRunning),
    MaxRunningPerKey = IF(DeclaredByHandler = 1, VALUES(MaxRunningPerKey), MaxRunningPerKey),
    ChangedOn = IF(DeclaredByHandler = 1, VALUES(ChangedOn), ChangedOn)
)"};
const Sql kPruneDeclaredLimits{"prune-declared-limits", R"(
  DELETE l
  FROM JSON_TABLE(?, '$[*]' COLUMNS (
    TaskHandlerClass VARCHAR(255) PATH '$.c', MaxRunning INT PATH '$.MaxRunning',
    MaxRunningPerKey INT PATH '$.MaxRunningPerKey'
  )) v
  STRAIGHT_JOIN {TaskQueueLimits} l FORCE INDEX (TaskHandlerClass)
    ON l.TaskHandlerClass = v.TaskHandlerClass COLLATE utf8mb4_nopad_bin
  WHERE v.MaxRunning = 0
    AND v.MaxRunningPerKey = 0
    AND l.DeclaredByHandler = 1
)"};

// Finds the declarations of these classes by this runner and by runners that have ended. They are removed by
// the Ids that a plain read has found: a DELETE that reads other tables would lock the rows of living
// runners. Served by the index TaskHandlerClass, the primary keys, and the unique key RunnerHandler.
const Sql kReplacedHandlers{"replaced-handlers", R"(
  SELECT h.Id
  FROM JSON_TABLE(?, '$[*]' COLUMNS (TaskHandlerClass VARCHAR(255) PATH '$.c')) v
  STRAIGHT_JOIN {TaskHandlers} h FORCE INDEX (TaskHandlerClass)
    ON h.TaskHandlerClass = v.TaskHandlerClass COLLATE utf8mb4_nopad_bin
  LEFT JOIN {TaskRunners} n ON n.Id = h.TaskRunnerId
  WHERE h.TaskRunnerId = ?
    OR n.Id IS NULL
    OR n.Status <> 'running'
)"};
const Sql kPruneReplacedHandlers{"prune-replaced-handlers", R"(
  DELETE h
  FROM JSON_TABLE(?, '$[*]' COLUMNS (Id INT PATH '$')) v
  STRAIGHT_JOIN {TaskHandlers} h FORCE INDEX (PRIMARY) ON h.Id = v.Id
)"};
// The runner no longer offers these. Served by RunnerHandler.
const Sql kWithdrawHandlers{"withdraw-handlers", R"(
  UPDATE {TaskHandlers} FORCE INDEX (RunnerHandler)
  SET WithdrawnOn = UNIX_TIMESTAMP()
  WHERE TaskRunnerId = ? AND WithdrawnOn IS NULL
)"};

// Served by the primary key.
const Sql kBeat{"beat", R"(
  UPDATE {TaskRunners} FORCE INDEX (PRIMARY)
  SET
    LastHeartbeatOn = UNIX_TIMESTAMP(),
    HeartbeatCounter = HeartbeatCounter + 1,
    MemoryKb = ?,
    Problems = ?,
    UnwrittenRuns = ?,
    UnwrittenSeconds = ?
  WHERE Id = ? AND Status = 'running'
)"};

// Returns one row for each run, or a row without a run when there is none. Served by the primary key of
// TaskRunners and the index TaskRunnerId (TaskRunnerId, OpenTaskQueueId).
const Sql kActiveRuns{"runs-in-hand", R"(
  SELECT n.DrainRequestedOn, n.StopRequestedOn, r.Id, r.TaskQueueId, r.RunToken, r.CancelRequestedOn
  FROM {TaskRunners} n
  LEFT JOIN {TaskRuns} r FORCE INDEX (TaskRunnerId)
    ON r.TaskRunnerId = n.Id
    AND r.OpenTaskQueueId IS NOT NULL
    AND r.Status = 'running'
  WHERE n.Id = ?
)"};

// Served by the primary key.
const Sql kRequestDrain{"request-drain", R"(
  UPDATE {TaskRunners} FORCE INDEX (PRIMARY)
  SET DrainRequestedOn = COALESCE(DrainRequestedOn, UNIX_TIMESTAMP())
  WHERE Id = ? AND Status = 'running'
)"};

// Served by the primary key. A stop request is a drain request, too.
const Sql kRequestStop{"request-stop", R"(
  UPDATE {TaskRunners} FORCE INDEX (PRIMARY)
  SET
    DrainRequestedOn = COALESCE(DrainRequestedOn, UNIX_TIMESTAMP()),
    StopRequestedOn = COALESCE(StopRequestedOn, UNIX_TIMESTAMP())
  WHERE Id = ? AND Status = 'running'
)"};

std::size_t sizeOfDeclaration(const HandlerDeclaration& handler) {
  constexpr std::size_t kSettings = 300;
  return handler.taskHandlerClass.size() + handler.dataSchema.size() + kSettings;
}

std::string declarationsAsJson(std::span<const HandlerDeclaration> handlers) {
  json::Writer rows;
  rows.startArray();
  for (const HandlerDeclaration& handler : handlers) {
    rows.startObject().member("c", handler.taskHandlerClass).member("Kind", handler.kind);
    rows.member("DataSchema", handler.dataSchema);
    rows.member("Delays", textOfRetryDelays(handler.settings.retryDelays));
    json::writeHandlerSettings(rows, handler.settings);
    rows.endObject();
  }
  return rows.endArray().text();
}

std::string commaSeparated(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ",") + name;
  return text;
}

struct ActiveRun {
  std::optional<UnixSeconds> drainRequestedOn;
  std::optional<UnixSeconds> stopRequestedOn;
  std::optional<RunOwnership> owned;  // absent: the runner has no run
  std::optional<UnixSeconds> cancelRequestedOn;
};

ActiveRun readActiveRun(Row& row) {
  ActiveRun run;
  std::optional<int> id;
  RunOwnership owned;
  row.into(run.drainRequestedOn, run.stopRequestedOn, id, owned.taskQueueId, owned.runToken,
           run.cancelRequestedOn);
  if (!id) return run;
  owned.runId = *id;
  run.owned = std::move(owned);
  return run;
}

}  // namespace

// Withdraws all handlers of the runner, and then replaces those that are announced again.
void MariaRunners::writeAnnouncement(int taskRunnerId, std::span<const HandlerDeclaration> handlers) {
  const std::int64_t runner = taskRunnerId;
  connection_.execute(kWithdrawHandlers, {runner});
  stillParked_.clear();
  for (const auto batch : batchesOf(handlers, connection_.batchBytes(), sizeOfDeclaration)) {
    const std::string declarations = declarationsAsJson(batch);
    json::Writer replaced;
    replaced.startArray();
    for (Row& row : connection_.query(kReplacedHandlers, {declarations, runner}))
      replaced.value(row.as<int>());
    connection_.execute(kPruneReplacedHandlers, {replaced.endArray().text()});
    connection_.execute(kInsertHandlers, {runner, declarations});
    connection_.execute(kPruneDeclaredLimits, {declarations});
    connection_.execute(kDeclareLimits, {declarations});
    for (const HandlerDeclaration& handler : batch) {
      if (unparkSome(connection_, handler.taskHandlerClass)) stillParked_.push_back(handler.taskHandlerClass);
    }
  }
}

void MariaRunners::announceHandlers(int taskRunnerId, std::span<const HandlerDeclaration> handlers) {
  context_.inTransaction([&] { writeAnnouncement(taskRunnerId, handlers); });
}

int MariaRunners::registerRunner(const NewRunner& runner, std::span<const HandlerDeclaration> handlers) {
  return context_.inTransaction([&] {
    const ProcessIdentity& identity = runner.identity;
    const std::int64_t processId = identity.processId;
    connection_.execute(kEndEarlierRows,
                        {processId, identity.bootId, identity.pidNamespace, identity.processStartTicks});
    const int id = connection_
                       .query(kInsertRunner, {processId, identity.hostName, identity.bootId,
                                              identity.pidNamespace, identity.processStartTicks,
                                              runner.version, commaSeparated(runner.queues), runner.slots})
                       .at(0)
                       .as<int>();
    writeAnnouncement(id, handlers);
    return id;
  });
}

HeartbeatResult MariaRunners::heartbeat(int taskRunnerId, const RunnerCondition& condition) {
  const std::int64_t key = taskRunnerId;
  HeartbeatResult result;
  json::Writer problems;
  json::writeRunnerProblems(problems, condition.problems);
  result.runnerAlive =
      connection_.execute(kBeat, {condition.memoryKb, problems.text(), condition.unwrittenRuns,
                                  condition.unwrittenSeconds, key}) == 1;
  if (!result.runnerAlive) return result;
  for (Row& row : connection_.query(kActiveRuns, {key})) {
    const ActiveRun run = readActiveRun(row);
    result.drainRequested = run.drainRequestedOn.has_value();
    result.stopRequested = run.stopRequestedOn.has_value();
    if (!run.owned) continue;
    result.owned.push_back(*run.owned);
    if (run.cancelRequestedOn) result.cancelRequested.push_back(run.owned->runId);
  }
  return result;
}

std::vector<RunOwnership> MariaRunners::activeRuns(int taskRunnerId) {
  std::vector<RunOwnership> owned;
  for (Row& row : connection_.query(kActiveRuns, {taskRunnerId})) {
    if (const ActiveRun run = readActiveRun(row); run.owned) owned.push_back(*run.owned);
  }
  return owned;
}

bool MariaRunners::requestDrain(int taskRunnerId) {
  return context_.inTransaction([&] {
    if (connection_.execute(kRequestDrain, {taskRunnerId}) == 0) return false;
    context_.record("drain", std::nullopt, "runner " + std::to_string(taskRunnerId));
    return true;
  });
}

bool MariaRunners::requestStop(int taskRunnerId) {
  return context_.inTransaction([&] {
    if (connection_.execute(kRequestStop, {taskRunnerId}) == 0) return false;
    context_.record("stop", std::nullopt, "runner " + std::to_string(taskRunnerId));
    return true;
  });
}

bool MariaRunners::unparkAnnounced() {
  if (stillParked_.empty()) return false;
  if (!context_.inTransaction([&] { return unparkSome(connection_, stillParked_.back()); },
                              AfterLockWait::GiveUp))
    stillParked_.pop_back();
  return true;
}

}  // namespace taskqueue::store
