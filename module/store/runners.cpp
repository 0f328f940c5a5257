// This part of MariaTaskStore keeps the rows of runners, their handlers, heartbeats and ends.
#include <algorithm>

#include "module/json/handler_settings.h"
#include "module/json/runner_problems.h"
#include "module/json/writer.h"
#include "module/store/batches.h"
#include "module/store/concurrency_limits.h"
#include "module/store/in_transaction.h"

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
    RetryDelaySeconds, RetryDelayLimitSeconds, OnCrash, Queue, Priority
  )
  SELECT ?, v.TaskHandlerClass, v.Kind, v.DataSchema, v.TimeLimitSeconds, v.MaxRetries,
    v.RetryDelaySeconds, v.RetryDelayLimitSeconds, v.OnCrash, v.Queue, v.Priority
  FROM JSON_TABLE(?, '$[*]' COLUMNS (
    TaskHandlerClass VARCHAR(255) PATH '$.c', Kind VARCHAR(20) PATH '$.Kind',
    DataSchema LONGTEXT PATH '$.DataSchema', TimeLimitSeconds INT PATH '$.TimeLimitSeconds',
    MaxRetries INT PATH '$.MaxRetries', RetryDelaySeconds INT PATH '$.RetryDelaySeconds',
    RetryDelayLimitSeconds INT PATH '$.RetryDelayLimitSeconds',
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
const Sql kEndRunner{"end-runner", R"(
  UPDATE {TaskRunners} FORCE INDEX (PRIMARY)
  SET Status = ?, FinishedOn = UNIX_TIMESTAMP()
  WHERE Id = ? AND Status = 'running'
)"};

// Finds the dead runner's running runs, with the task's earlier runner deaths, the handler's settings, and
// whether the run is an old copy. It is one if its task has ended and no other run has the task's status:
// this run must have ended so. If another run has it, the task's row may be the old copy. Served by the index
// TaskRunnerId (TaskRunnerId, OpenTaskQueueId), the primary key of TaskQueue, inside by TaskQueueId
// (TaskQueueId, Attempt), and by the unique key RunnerHandler.
const Sql kRunsToRescue{"runs-to-rescue", R"(
  SELECT r.Id, r.TaskQueueId, r.RunToken, r.PercentsCompleted, r.ProgressNote,
    COALESCE(t.TaskRunsFailed, 0), (UNIX_TIMESTAMP() - r.StartedOn) * 1000, r.CancelRequestedOn,
    (
      SELECT COUNT(*)
      FROM {TaskRuns} p
      WHERE p.TaskQueueId = r.TaskQueueId
        AND p.Attempt > t.ForgivenAttempt
        AND p.Attempt < r.Attempt
        AND p.ErrorCode = 'runner_died'
    ),
    h.OnCrash, h.RetryDelaySeconds, h.RetryDelayLimitSeconds,
    t.LastStatus NOT IN ('running', 'scheduled') AND NOT EXISTS (
      SELECT 1
      FROM {TaskRuns} p
      WHERE p.TaskQueueId = r.TaskQueueId
        AND p.Id <> r.Id
        AND p.Status = t.LastStatus
    )
  FROM {TaskRuns} r FORCE INDEX (TaskRunnerId)
  LEFT JOIN {TaskQueue} t ON t.Id = r.TaskQueueId
  LEFT JOIN {TaskHandlers} h FORCE INDEX (RunnerHandler)
    ON h.TaskRunnerId = r.TaskRunnerId
    AND h.TaskHandlerClass = t.TaskHandlerClass
  WHERE r.TaskRunnerId = ?
    AND r.OpenTaskQueueId IS NOT NULL
    AND r.Status = 'running'
  FOR UPDATE
)"};

// Served by the unique key OpenTaskQueueId: open runs only.
const Sql kEndedRunnersWithRuns{"ended-runners-with-runs", R"(
  SELECT DISTINCT r.TaskRunnerId
  FROM {TaskRuns} r FORCE INDEX (OpenTaskQueueId)
  LEFT JOIN {TaskRunners} n ON n.Id = r.TaskRunnerId
  WHERE r.OpenTaskQueueId IS NOT NULL
    AND r.Status = 'running'
    AND r.TaskRunnerId IS NOT NULL
    AND COALESCE(n.Status, '') <> 'running'
  LIMIT ?
)"};

// Served by the index TaskRunId (TaskRunId, Stream, Position).
const Sql kOutputToRescue{"output-to-rescue", R"(
  SELECT Stream, Position, Content
  FROM {TaskRunOutput}
  WHERE TaskRunId = ?
  ORDER BY Stream, Position
)"};

// Collects the output that the dead runner had written. A gap between chunks counts as dropped.
void collectOutput(std::vector<Row> chunks, RunEnd& end) {
  for (Row& row : chunks) {
    CapturedText& text = row.text() == "stderr" ? end.errorOutput : end.standardOutput;
    const std::int64_t position = row.integer();
    const std::string content = row.text();
    end.hadLiveOutput = true;
    const std::int64_t contentEnd = position + static_cast<std::int64_t>(content.size());
    if (contentEnd <= text.totalBytes) continue;  // a repeated sync wrote it twice
    const std::int64_t gap = position - text.totalBytes;
    if (gap > 0) {
      text.kept += droppedLine(gap);
      text.droppedBytes += gap;
    }
    text.kept += std::string_view(content).substr(static_cast<std::size_t>(std::max<std::int64_t>(-gap, 0)));
    text.totalBytes = contentEnd;
  }
}

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

}  // namespace

// Withdraws all handlers of the runner, and then replaces those that are announced again.
void MariaTaskStore::writeAnnouncement(int taskRunnerId, std::span<const HandlerDeclaration> handlers) {
  const std::int64_t runner = taskRunnerId;
  connection_.execute(kWithdrawHandlers, {runner});
  stillParked_.clear();
  for (const auto batch : batchesOf(handlers, connection_.batchBytes(), sizeOfDeclaration)) {
    const std::string declarations = declarationsAsJson(batch);
    json::Writer replaced;
    replaced.startArray();
    for (Row& row : connection_.query(kReplacedHandlers, {declarations, runner}))
      replaced.value(row.number());
    connection_.execute(kPruneReplacedHandlers, {replaced.endArray().text()});
    connection_.execute(kInsertHandlers, {runner, declarations});
    connection_.execute(kPruneDeclaredLimits, {declarations});
    connection_.execute(kDeclareLimits, {declarations});
    for (const HandlerDeclaration& handler : batch) {
      if (unparkSome(handler.taskHandlerClass)) stillParked_.push_back(handler.taskHandlerClass);
    }
  }
}

void MariaTaskStore::announceHandlers(int taskRunnerId, std::span<const HandlerDeclaration> handlers) {
  inTransaction([&] { writeAnnouncement(taskRunnerId, handlers); });
}

int MariaTaskStore::registerRunner(const NewRunner& runner, std::span<const HandlerDeclaration> handlers) {
  return inTransaction([&] {
    const ProcessIdentity& identity = runner.identity;
    const std::int64_t processId = identity.processId;
    connection_.execute(kEndEarlierRows,
                        {processId, identity.bootId, identity.pidNamespace, identity.processStartTicks});
    const int id =
        connection_
            .query(kInsertRunner, {processId, identity.hostName, identity.bootId, identity.pidNamespace,
                                   identity.processStartTicks, runner.version, commaSeparated(runner.queues),
                                   std::int64_t{runner.slots}})
            .at(0)
            .number();
    writeAnnouncement(id, handlers);
    return id;
  });
}

HeartbeatResult MariaTaskStore::heartbeat(int taskRunnerId, const RunnerCondition& condition) {
  const std::int64_t key = taskRunnerId;
  HeartbeatResult result;
  json::Writer problems;
  json::writeRunnerProblems(problems, condition.problems);
  result.runnerAlive =
      connection_.execute(kBeat, {condition.memoryKb, problems.text(), std::int64_t{condition.unwrittenRuns},
                                  condition.unwrittenSeconds, key}) == 1;
  if (!result.runnerAlive) return result;
  for (Row& row : connection_.query(kActiveRuns, {key})) {
    result.drainRequested = row.optionalInteger().has_value();
    result.stopRequested = row.optionalInteger().has_value();
    const auto runId = row.optionalNumber();
    if (!runId) continue;
    const int taskQueueId = row.number();
    result.owned.push_back({*runId, taskQueueId, row.text()});
    if (row.optionalInteger()) result.cancelRequested.push_back(*runId);
  }
  return result;
}

std::vector<RunOwnership> MariaTaskStore::activeRuns(int taskRunnerId) {
  std::vector<RunOwnership> owned;
  for (Row& row : connection_.query(kActiveRuns, {std::int64_t{taskRunnerId}})) {
    row.optionalInteger();  // DrainRequestedOn
    row.optionalInteger();  // StopRequestedOn
    const auto runId = row.optionalNumber();
    if (!runId) continue;
    const int taskQueueId = row.number();
    owned.push_back({*runId, taskQueueId, row.text()});
  }
  return owned;
}

void MariaTaskStore::endRunner(int taskRunnerId) {
  connection_.execute(kEndRunner, {std::string(toString(RunnerStatus::Success)), std::int64_t{taskRunnerId}});
}

std::vector<int> MariaTaskStore::findEndedRunnersWithRuns(int limit) {
  std::vector<int> ids;
  for (Row& row : connection_.query(kEndedRunnersWithRuns, {std::int64_t{limit}}))
    ids.push_back(row.number());
  return ids;
}

bool MariaTaskStore::timeOutRunner(int taskRunnerId, const RescuePolicy& policy) {
  return inTransaction([&] {
    const std::int64_t key = taskRunnerId;
    const bool ended =
        connection_.execute(kEndRunner, {std::string(toString(RunnerStatus::Timeout)), key}) == 1;
    std::vector<RunEnd> ends;
    std::vector<RunRelease> over;
    for (Row& row : connection_.query(kRunsToRescue, {key})) {
      RunEnd end;
      end.owned.runId = row.number();
      end.owned.taskQueueId = row.number();
      end.owned.runToken = row.text();
      end.percentsCompleted = row.number();
      end.progressNote = row.text();
      RescuedRun rescued;
      rescued.taskRunnerId = taskRunnerId;
      rescued.taskRunsFailed = row.number();
      end.runMs = row.optionalInteger();
      rescued.cancelRequested = row.optionalInteger().has_value();
      rescued.earlierRunnerDeaths = row.number();
      rescued.handler.onCrash = parseOnCrash(row.text()).value_or(OnCrash::Retry);
      rescued.handler.retryDelaySeconds = row.optionalNumber();
      rescued.handler.retryDelayLimitSeconds = row.optionalNumber();
      if (row.integer() == 1) {
        over.push_back({end.owned});
        continue;
      }
      judgeRescue(end, rescued, policy, chances_());
      ends.push_back(std::move(end));
    }
    for (RunEnd& end : ends) {
      collectOutput(connection_.query(kOutputToRescue, {std::int64_t{end.owned.runId}}), end);
    }
    if (!ends.empty()) writeEndsOfOwnedRuns(ends);
    if (!over.empty()) releaseOwnedRuns(over);
    std::vector<int> freed;
    for (const RunEnd& end : ends) freed.push_back(end.owned.taskQueueId);
    for (const RunRelease& release : over) freed.push_back(release.owned.taskQueueId);
    unparkFreedKeys(connection_, freed);
    count(Counter::RescuedRuns, static_cast<std::int64_t>(ends.size()));
    return ended || !ends.empty() || !over.empty();
  });
}

}  // namespace taskqueue::store
