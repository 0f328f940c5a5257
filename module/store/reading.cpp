// This part of MariaTaskStore reads tasks, runs, output, runners and handlers for the pages and the API.
#include <algorithm>

#include "module/json/runner_problems.h"
#include "module/queue/listed.h"
#include "module/queue/utf8_text.h"
#include "module/store/columns.h"
#include "module/store/in_transaction.h"

namespace taskqueue::store {
namespace {

const Sql kNow{"now", R"(
  SELECT UNIX_TIMESTAMP()
)"};

// Served by the primary key.
const Sql kFindTask{"find-task", R"(
  SELECT {task_columns}
  FROM {TaskQueue} t
  WHERE t.Id = ?
)"};

// Served by the primary key.
const Sql kFindRun{"find-run", R"(
  SELECT {run_columns}
  FROM {TaskRuns} r
  WHERE r.Id = ?
)"};

// Served by the index TaskQueueId (TaskQueueId, Attempt).
const Sql kRunsOfTask{"runs-of-task", R"(
  SELECT {run_columns}
  FROM {TaskRuns} r
  WHERE r.TaskQueueId = ?
  ORDER BY r.Attempt DESC, r.Id DESC
  LIMIT 100
)"};

// Served by the primary key.
const Sql kFinishedOutput{"finished-output", R"(
  SELECT Status, StandardOutput, StandardOutputBytes, StandardOutputDropped
  FROM {TaskRuns}
  WHERE Id = ?
)"};
const Sql kFinishedErrorOutput{"finished-error-output", R"(
  SELECT Status, ErrorOutput, ErrorOutputBytes, ErrorOutputDropped
  FROM {TaskRuns}
  WHERE Id = ?
)"};

// Served by the index TaskRunId (TaskRunId, Stream, Position).
const Sql kLiveOutput{"live-output", R"(
  SELECT Position, Content
  FROM {TaskRunOutput}
  WHERE TaskRunId = ? AND Stream = ? AND Position + Bytes > ?
  ORDER BY Position
  LIMIT 100
)"};

const Sql kLiveOutputEnd{"live-output-end", R"(
  SELECT Position + Bytes
  FROM {TaskRunOutput}
  WHERE TaskRunId = ? AND Stream = ?
  ORDER BY Position DESC
  LIMIT 1
)"};

const SqlPiece kRunnerColumns{"runner_columns", R"(
  n.Id, n.ProcessId, n.HostName, n.BootId, n.PidNamespace, n.ProcessStartTicks, n.StartedOn,
  n.FinishedOn, n.Status, n.LastHeartbeatOn,
  UNIX_TIMESTAMP() - COALESCE(n.LastHeartbeatOn, n.StartedOn, 0), n.Version, n.Queues, n.Slots,
  n.MemoryKb, n.DrainRequestedOn, n.StopRequestedOn, n.HeartbeatCounter, n.Problems,
  n.UnwrittenRuns, n.UnwrittenSeconds,
  (SELECT COUNT(*) FROM {TaskRuns} r WHERE r.TaskRunnerId = n.Id AND r.OpenTaskQueueId IS NOT NULL)
)"};

// Served by the index Status; the inner count by TaskRunnerId (TaskRunnerId, OpenTaskQueueId).
const Sql kRunningRunners{"running-runners", R"(
  SELECT {runner_columns}
  FROM {TaskRunners} n
  WHERE n.Status = 'running'
  ORDER BY n.Id DESC
  LIMIT ?
)"};
// Served by the primary key.
const Sql kEndedRunners{"ended-runners", R"(
  SELECT {runner_columns}
  FROM {TaskRunners} n FORCE INDEX (PRIMARY)
  WHERE n.Status <> 'running'
  ORDER BY n.Id DESC
  LIMIT ?
)"};

// The newest row of a class is its latest declaration. The rows that have not been replaced tell since when
// no runner offers it. A runner that died counts until its last heartbeat. Served by the index
// TaskHandlerClass, and the primary key of TaskRunners.
const SqlPiece kHandlerColumns{"handler_columns", R"(
  SELECT h.TaskHandlerClass, h.Kind, h.DataSchema,
    (
      SELECT COUNT(*)
      FROM {TaskHandlers} o
      JOIN {TaskRunners} n ON n.Id = o.TaskRunnerId
      WHERE o.TaskHandlerClass = h.TaskHandlerClass
        AND o.WithdrawnOn IS NULL
        AND n.Status = 'running'
    ),
    (
      SELECT MAX(COALESCE(o.WithdrawnOn, IF(n.Status = 'timeout', n.LastHeartbeatOn, n.FinishedOn)))
      FROM {TaskHandlers} o
      JOIN {TaskRunners} n ON n.Id = o.TaskRunnerId
      WHERE o.TaskHandlerClass = h.TaskHandlerClass
    ),
    h.TimeLimitSeconds, h.MaxRetries, h.RetryDelaySeconds, h.RetryDelayLimitSeconds, h.OnCrash,
    h.Queue, h.Priority, COALESCE(l.MaxRunning, 0), COALESCE(l.MaxRunningPerKey, 0)
  FROM {TaskHandlers} h FORCE INDEX (TaskHandlerClass)
  LEFT JOIN {TaskQueueLimits} l ON l.TaskHandlerClass = h.TaskHandlerClass
  WHERE
)"};
const Sql kFindHandlers{"find-handlers", R"(
  {handler_columns}h.Id = (
    SELECT MAX(x.Id) FROM {TaskHandlers} x WHERE x.TaskHandlerClass = h.TaskHandlerClass
  )
  ORDER BY h.TaskHandlerClass
  LIMIT ?
)"};
const Sql kFindHandler{"find-handler", R"(
  {handler_columns}h.TaskHandlerClass = ?
  ORDER BY h.Id DESC
  LIMIT 1
)"};

HandlerDeclaration readHandler(Row& row) {
  HandlerDeclaration handler;
  handler.taskHandlerClass = row.text();
  handler.kind = row.text();
  handler.dataSchema = row.text();
  handler.liveRunners = row.number();
  handler.offeredUntil = row.optionalInteger();
  if (handler.liveRunners > 0) handler.offeredUntil.reset();
  HandlerSettings& settings = handler.settings;
  settings.timeLimitSeconds = row.number();
  settings.maxRetries = row.number();
  settings.retryDelaySeconds = row.optionalNumber();
  settings.retryDelayLimitSeconds = row.optionalNumber();
  settings.onCrash = parseOnCrash(row.text()).value_or(OnCrash::Retry);
  settings.queue = row.text();
  settings.priority = row.optionalNumber();
  settings.maxRunning = row.number();
  settings.maxRunningPerKey = row.number();
  return handler;
}

Runner readRunner(Row& row) {
  Runner runner;
  runner.id = row.number();
  runner.identity.processId = row.number();
  runner.identity.hostName = row.text();
  runner.identity.bootId = row.text();
  runner.identity.pidNamespace = row.integer();
  runner.identity.processStartTicks = row.integer();
  runner.startedOn = row.optionalInteger();
  runner.finishedOn = row.optionalInteger();
  runner.status = parseRunnerStatus(row.text()).value_or(RunnerStatus::Timeout);
  runner.lastHeartbeatOn = row.optionalInteger();
  runner.heartbeatAgeSeconds = row.integer();
  runner.version = row.text();
  runner.queues = row.text();
  runner.slots = row.number();
  runner.memoryKb = row.integer();
  runner.drainRequestedOn = row.optionalInteger();
  runner.stopRequestedOn = row.optionalInteger();
  runner.heartbeatCounter = row.integer();
  runner.problems = json::readRunnerProblems(row.text());
  runner.unwrittenRuns = row.number();
  runner.unwrittenSeconds = row.integer();
  runner.activeRuns = row.number();
  return runner;
}

// Moves a slice that begins inside a character on to the next one.
void beginAtCharacter(OutputSlice& slice) {
  std::size_t inside = 0;
  while (inside < slice.content.size() && continuesCharacter(slice.content[inside])) ++inside;
  slice.content.erase(0, inside);
  slice.offset += static_cast<std::int64_t>(inside);
}

// The kept text of a long stream has three parts: its head, a line with the number of dropped bytes, and its
// tail.
OutputSlice sliceOfKept(const std::string& kept, std::int64_t total, std::int64_t dropped,
                        std::int64_t offset, std::int64_t limit) {
  OutputSlice slice;
  dropped = std::max<std::int64_t>(dropped, 0);  // a row written by hand may hold any number
  total = std::max<std::int64_t>(total, 0);
  slice.totalBytes = total;
  slice.droppedBytes = dropped;
  const std::string line = droppedLine(dropped);
  const auto gap = dropped > 0 ? kept.find(line) : std::string::npos;
  std::string_view from = kept;
  slice.offset = std::clamp<std::int64_t>(offset, 0, total);
  if (gap == std::string::npos) {
    from.remove_prefix(std::min<std::size_t>(static_cast<std::size_t>(slice.offset), from.size()));
  } else if (slice.offset < static_cast<std::int64_t>(gap)) {
    from = from.substr(static_cast<std::size_t>(slice.offset), gap - static_cast<std::size_t>(slice.offset));
  } else {
    const auto tailStart = static_cast<std::int64_t>(gap) + dropped;
    slice.offset = std::max(slice.offset, tailStart);
    from = from.substr(
        std::min(gap + line.size() + static_cast<std::size_t>(slice.offset - tailStart), from.size()));
  }
  slice.content = cutAtCharacter(from, static_cast<std::size_t>(limit));
  slice.nextOffset = slice.offset + static_cast<std::int64_t>(slice.content.size());
  slice.complete = slice.nextOffset >= total;
  beginAtCharacter(slice);
  return slice;
}

}  // namespace

UnixSeconds MariaTaskStore::now() {
  return connection_.query(kNow).at(0).integer();
}

std::optional<Task> MariaTaskStore::findTask(int id) {
  auto rows = connection_.query(kFindTask, {std::int64_t{id}});
  return rows.empty() ? std::nullopt : std::optional(readTask(rows.front()));
}

std::optional<Run> MariaTaskStore::findRun(int id) {
  auto rows = connection_.query(kFindRun, {std::int64_t{id}});
  return rows.empty() ? std::nullopt : std::optional(readRun(rows.front()));
}

std::vector<Run> MariaTaskStore::runsOfTask(int taskQueueId) {
  std::vector<Run> runs;
  for (Row& row : connection_.query(kRunsOfTask, {std::int64_t{taskQueueId}})) runs.push_back(readRun(row));
  std::reverse(runs.begin(), runs.end());
  return runs;
}

std::optional<OutputSlice> MariaTaskStore::readOutput(int runId, OutputStream stream, std::int64_t offset,
                                                      std::int64_t limit) {
  const bool isError = stream == OutputStream::ErrorOutput;
  auto rows = connection_.query(isError ? kFinishedErrorOutput : kFinishedOutput, {std::int64_t{runId}});
  if (rows.empty()) return std::nullopt;
  const auto status = parseRunStatus(rows.front().text());
  const std::string kept = rows.front().text();
  const std::int64_t total = rows.front().integer();
  const std::int64_t dropped = rows.front().integer();
  if (!status || !isOpen(*status)) return sliceOfKept(kept, total, dropped, offset, limit);

  const std::string word = isError ? "stderr" : "stdout";
  auto ends = connection_.query(kLiveOutputEnd, {std::int64_t{runId}, word});
  OutputSlice slice;
  slice.totalBytes = ends.empty() ? 0 : ends.front().integer();
  slice.offset = std::clamp<std::int64_t>(offset, 0, slice.totalBytes);
  bool first = true;
  for (Row& row : connection_.query(kLiveOutput, {std::int64_t{runId}, word, slice.offset})) {
    const std::int64_t position = row.integer();
    const std::string content = row.text();
    if (first) slice.offset = std::max(slice.offset, position);
    first = false;
    const std::int64_t end = slice.offset + static_cast<std::int64_t>(slice.content.size());
    if (position > end) break;  // a gap: the next call begins after it
    if (static_cast<std::int64_t>(slice.content.size()) >= limit) break;
    const std::size_t known = static_cast<std::size_t>(end - position);  // above 0: these bytes came twice
    if (known < content.size()) slice.content += std::string_view(content).substr(known);
  }
  slice.content = std::string(cutAtCharacter(slice.content, static_cast<std::size_t>(limit)));
  slice.nextOffset = slice.offset + static_cast<std::int64_t>(slice.content.size());
  beginAtCharacter(slice);
  return slice;
}

std::vector<Runner> MariaTaskStore::findRunners(bool onlyRunning, int limit) {
  std::vector<Runner> runners;
  const auto add = [&](const Sql& sql) {
    const std::int64_t room = limit - static_cast<std::int64_t>(runners.size());
    if (room <= 0) return;
    for (Row& row : connection_.query(sql, {room})) {
      Runner runner = readRunner(row);
      const bool hasJustEnded = std::any_of(runners.begin(), runners.end(),
                                            [&](const Runner& other) { return other.id == runner.id; });
      if (!hasJustEnded) runners.push_back(std::move(runner));
    }
  };
  add(kRunningRunners);
  if (!onlyRunning) add(kEndedRunners);
  return runners;
}

std::vector<HandlerDeclaration> MariaTaskStore::findHandlers() {
  std::vector<HandlerDeclaration> handlers;
  for (Row& row : connection_.query(kFindHandlers, {std::int64_t{kMaxHandlersRead}}))
    handlers.push_back(readHandler(row));
  return handlers;
}

std::optional<HandlerDeclaration> MariaTaskStore::findHandler(std::string_view taskHandlerClass) {
  auto rows = connection_.query(kFindHandler, {std::string(taskHandlerClass)});
  return rows.empty() ? std::nullopt : std::optional(readHandler(rows.front()));
}

}  // namespace taskqueue::store
