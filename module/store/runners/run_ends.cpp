#include "module/store/runners/run_ends.h"

#include <algorithm>
#include <iterator>
#include <span>

#include "module/json/run_end.h"
#include "module/store/database/batches.h"
#include "module/store/runners/completion_notices.h"
#include "module/store/runners/large_ends.h"
#include "module/store/runners/plain_ends.h"
#include "module/store/runners/run_end_size.h"
#include "module/store/sql/owned_rows.h"

namespace taskqueue::store {
namespace {

// Served by the primary key. The index on Status must not be used: it locks gaps and deadlocks (CLAIM-14).
const Sql kFinishRuns{"finish-runs", R"(
  UPDATE JSON_TABLE(?, '$[*]' COLUMNS (
    {owned_columns}, Status VARCHAR(20) PATH '$.s', Results LONGTEXT PATH '$.rs',
    ErrorCode VARCHAR(255) PATH '$.ec', ErrorMessage TEXT PATH '$.em', Percents INT PATH '$.p',
    Note VARCHAR(255) PATH '$.n', RunMs BIGINT PATH '$.ms', ExitStatus INT PATH '$.xs',
    ExitSignal INT PATH '$.xg', UserCpuMs BIGINT PATH '$.uc', SystemCpuMs BIGINT PATH '$.sc',
    MaxRssKb BIGINT PATH '$.rss', StandardOutput LONGTEXT PATH '$.so',
    StandardOutputBytes BIGINT PATH '$.sob', StandardOutputDropped BIGINT PATH '$.sod',
    ErrorOutput LONGTEXT PATH '$.eo', ErrorOutputBytes BIGINT PATH '$.eob',
    ErrorOutputDropped BIGINT PATH '$.eod'
  )) v
  STRAIGHT_JOIN {TaskRuns} r FORCE INDEX (PRIMARY) ON r.Id = v.Id
  SET
    r.Status = v.Status,
    r.OpenTaskQueueId = NULL,
    r.FinishedOn = UNIX_TIMESTAMP(),
    r.Results = v.Results,
    r.ErrorCode = v.ErrorCode,
    r.ErrorMessage = v.ErrorMessage,
    r.PercentsCompleted = GREATEST(r.PercentsCompleted, v.Percents),
    r.ProgressNote = v.Note,
    r.RunMs = COALESCE(v.RunMs, -1),
    r.ExitStatus = v.ExitStatus,
    r.ExitSignal = v.ExitSignal,
    r.UserCpuMs = COALESCE(v.UserCpuMs, -1),
    r.SystemCpuMs = COALESCE(v.SystemCpuMs, -1),
    r.MaxRssKb = COALESCE(v.MaxRssKb, -1),
    r.StandardOutput = v.StandardOutput,
    r.StandardOutputBytes = v.StandardOutputBytes,
    r.StandardOutputDropped = v.StandardOutputDropped,
    r.ErrorOutput = v.ErrorOutput,
    r.ErrorOutputBytes = v.ErrorOutputBytes,
    r.ErrorOutputDropped = v.ErrorOutputDropped
  WHERE r.RunToken = v.RunToken COLLATE utf8mb4_nopad_bin AND r.Status = 'running'
)"};

const SqlPiece kFinishAnyPlainTasks{"finish_any_plain_tasks", R"(
  UPDATE {TaskQueue} t FORCE INDEX (PRIMARY)
  SET
    t.LastStatus = 'success',
    t.ParkedReason = '',
    t.TaskRunsFailed = 0,
    t.NextRunOn = NULL,
    t.ActiveKey = IF(t.UniqueUntil > UNIX_TIMESTAMP(), t.ActiveKey, NULL)
  WHERE t.Id IN (?)
)"};

// Most tasks request no notification. A second statement finishes the others, and runs only if there are any.
const Sql kFinishPlainTasks{"finish-plain-tasks", R"(
  {finish_any_plain_tasks} AND t.NotifyOn = 'never'
)"};

const Sql kFinishPlainNotifiedTasks{"finish-plain-notified-tasks", R"(
  {finish_any_plain_tasks} AND t.NotifyOn <> 'never'
)"};

// A delay counts whole seconds from the end of the current one, so it is never shorter than asked.
const SqlPiece kAfterDelay{"after_delay", R"(
  IF(v.DelaySeconds > 0, CEILING(@@timestamp), UNIX_TIMESTAMP()) + v.DelaySeconds
)"};

// Applies rule 3 to the tasks of ended runs. Served by the primary key.
const SqlPiece kTriedAgain{"tried_again", R"(
  v.Failed = 1 AND v.GiveUp = 0 AND t.TaskRunsFailed + 1 < t.MaxRetries AND t.Superseded = 0
)"};

const SqlPiece kFinishAnyTasks{"finish_any_tasks", R"(
  UPDATE JSON_TABLE(?, '$[*]' COLUMNS (
    Id INT PATH '$[0]', Status VARCHAR(20) PATH '$[1]', Failed INT PATH '$[2]', GiveUp INT PATH '$[3]',
    DelaySeconds INT PATH '$[4]'
  )) v
  STRAIGHT_JOIN {TaskQueue} t FORCE INDEX (PRIMARY) ON t.Id = v.Id
  SET
    t.LastStatus = v.Status,
    t.ParkedReason = '',
    t.TaskRunsFailed = CASE
      WHEN v.Failed = 1 THEN LEAST(t.TaskRunsFailed, 2147483646) + 1
      WHEN v.Status = 'success' THEN 0
      ELSE t.TaskRunsFailed
    END,
    t.NextRunOn = CASE WHEN {tried_again} THEN {after_delay} ELSE NULL END,
    t.ActiveKey = CASE
      WHEN {tried_again} OR (v.Status = 'success' AND t.UniqueUntil > UNIX_TIMESTAMP()) THEN t.ActiveKey
      ELSE NULL
    END
  WHERE t.Id = v.Id
)"};

const Sql kFinishTasks{"finish-tasks", R"(
  {finish_any_tasks} AND t.NotifyOn = 'never'
)"};

const Sql kFinishNotifiedTasks{"finish-notified-tasks", R"(
  {finish_any_tasks} AND t.NotifyOn <> 'never'
)"};

// Served by the primary key.
const Sql kOwnedRuns{"owned-runs", R"(
  SELECT r.RunToken, r.Status, r.CancelRequestedOn IS NOT NULL
  FROM JSON_TABLE(?, '$[*]' COLUMNS ({owned_columns})) v
  STRAIGHT_JOIN {TaskRuns} r FORCE INDEX (PRIMARY) ON r.Id = v.Id
  WHERE r.RunToken = v.RunToken COLLATE utf8mb4_nopad_bin
  FOR UPDATE
)"};

// Served by the primary key. The run loses its token, so its worker can change nothing any more. If its task
// has ended meanwhile, an editor restored an old copy of the run, which ends as the task did. If there is no
// task, an editor may be about to restore it. The run waits for that, and StartedOn tells the repair how
// long.
const SqlPiece kGoesOn{"goes_on", R"(
  (t.Id IS NULL OR t.LastStatus IN ('running', 'scheduled'))
)"};

const Sql kReleaseRuns{"release-runs", R"(
  UPDATE JSON_TABLE(?, '$[*]' COLUMNS (
    {owned_columns}, DelaySeconds INT PATH '$.d', Place BIGINT PATH '$.p'
  )) v
  STRAIGHT_JOIN {TaskRuns} r FORCE INDEX (PRIMARY) ON r.Id = v.Id
  LEFT JOIN {TaskQueue} t FORCE INDEX (PRIMARY) ON t.Id = r.TaskQueueId
  SET
    r.Status = IF({goes_on}, 'scheduled', t.LastStatus),
    r.OpenTaskQueueId = IF({goes_on}, r.OpenTaskQueueId, NULL),
    r.FinishedOn = IF({goes_on}, NULL, UNIX_TIMESTAMP()),
    r.StartedOn = IF(t.Id IS NOT NULL AND {goes_on}, NULL, r.StartedOn),
    r.TaskRunnerId = IF({goes_on}, NULL, r.TaskRunnerId),
    r.RunToken = '',
    r.PercentsCompleted = 0,
    r.ProgressNote = '',
    t.NextRunOn = IF(
      {goes_on},
      IF(
        v.DelaySeconds > 0,
        {after_delay},
        LEAST(COALESCE(v.Place, UNIX_TIMESTAMP()), UNIX_TIMESTAMP())
      ),
      t.NextRunOn
    ),
    t.LastStatus = IF({goes_on}, 'scheduled', t.LastStatus)
  WHERE r.RunToken = v.RunToken COLLATE utf8mb4_nopad_bin AND r.Status = 'running'
)"};

// Served by the index TaskRunId (TaskRunId, Stream, Position).
const Sql kDropAllOutput{"drop-all-output", R"(
  DELETE o
  FROM JSON_TABLE(?, '$[*]' COLUMNS ({owned_columns})) v
  STRAIGHT_JOIN {TaskRunOutput} o FORCE INDEX (TaskRunId) ON o.TaskRunId = v.Id
)"};

std::string endsAsJson(std::span<const RunEnd> ends) {
  json::Writer rows;
  rows.startArray();
  for (const RunEnd& end : ends) json::writeRunEnd(rows, end);
  return rows.endArray().text();
}

std::string taskEndsAsJson(std::span<const RunEnd> ends) {
  json::Writer rows;
  rows.startArray();
  for (const RunEnd& end : ends) {
    rows.startArray().value(end.owned.taskQueueId).value(toString(end.status));
    rows.value(isFailure(end.status) ? 1 : 0).value(end.giveUp ? 1 : 0).value(end.retryDelaySeconds);
    rows.endArray();
  }
  return rows.endArray().text();
}

void requireAll(std::size_t matched, std::size_t expected) {
  if (matched != expected) throw StoreError(StoreError::Kind::Broken, "a locked run changed under its owner");
}

// `tasks` finishes those that request no notification, `notifiedTasks` the others.
void finishTasks(Connection& connection, std::span<const RunEnd> ends, const Value& rows, const Sql& tasks,
                 const Sql& notifiedTasks) {
  const std::int64_t notNotified = connection.execute(tasks, {rows});
  if (notNotified == static_cast<std::int64_t>(ends.size())) return;
  connection.execute(notifiedTasks, {rows});
  std::vector<int> ids;
  for (const RunEnd& end : ends) ids.push_back(end.owned.taskQueueId);
  notifyCompleted(connection, ids);
}

void writeOtherEnds(Connection& connection, std::span<RunEnd> ends) {
  if (ends.empty()) return;
  const auto firstLarge = std::stable_partition(ends.begin(), ends.end(),
                                                [&](const RunEnd& end) { return !isLarge(connection, end); });
  const std::span<const RunEnd> small(ends.begin(), firstLarge);
  for (const auto batch : batchesOf(small, connection.batchBytes(), textBytesOf))
    requireAll(static_cast<std::size_t>(connection.execute(kFinishRuns, {endsAsJson(batch)})), batch.size());
  std::for_each(firstLarge, ends.end(),
                [&](RunEnd& end) { requireAll(finishLargeRun(connection, end) ? 1 : 0, 1); });
  const std::span<const RunEnd> all(ends);
  finishTasks(connection, all, taskEndsAsJson(all), kFinishTasks, kFinishNotifiedTasks);
}

}  // namespace

std::unordered_map<std::string, LockedRun> lockOwned(Connection& connection,
                                                     const std::vector<RunOwnership>& owned) {
  json::Writer rows;
  rows.startArray();
  for (const RunOwnership& run : owned) {
    json::beginOwned(rows, run);
    rows.endObject();
  }
  std::unordered_map<std::string, LockedRun> locked;
  for (Row& row : connection.query(kOwnedRuns, {rows.endArray().text()})) {
    const auto [token, status, cancelRequested] = row.as<std::string, RunStatus, bool>();
    locked[token] = {status == RunStatus::Running, cancelRequested, status == RunStatus::Timeout};
  }
  return locked;
}

bool writePlainEnds(Connection& connection, std::span<const RunEnd> ends) {
  if (ends.empty()) return true;
  if (!finishPlainRuns(connection, ends)) return false;
  std::vector<std::int64_t> ids;
  for (const RunEnd& end : ends) ids.push_back(end.owned.taskQueueId);
  finishTasks(connection, ends, Value::anyOf(std::move(ids)), kFinishPlainTasks, kFinishPlainNotifiedTasks);
  return true;
}

void writeEndsOfOwnedRuns(Connection& connection, std::vector<RunEnd>& ends) {
  const auto firstOther = std::stable_partition(ends.begin(), ends.end(), isPlainSuccess);
  const std::span<const RunEnd> plain(ends.begin(), firstOther);
  requireAll(writePlainEnds(connection, plain) ? plain.size() : 0, plain.size());
  writeOtherEnds(connection, std::span(firstOther, ends.end()));
  std::vector<RunEnd> withLiveOutput;
  std::copy_if(ends.begin(), ends.end(), std::back_inserter(withLiveOutput),
               [](const RunEnd& end) { return end.hadLiveOutput; });
  if (!withLiveOutput.empty())
    connection.execute(kDropAllOutput, {ownedRows(withLiveOutput, [](json::Writer&, const RunEnd&) {})});
}

void releaseOwnedRuns(Connection& connection, const std::vector<RunRelease>& releases) {
  const std::string rows = ownedRows(releases, [](json::Writer& to, const RunRelease& release) {
    to.member("d", release.delaySeconds).member("p", release.place);
  });
  connection.execute(kReleaseRuns, {rows});
  connection.execute(kDropAllOutput, {rows});
}

}  // namespace taskqueue::store
