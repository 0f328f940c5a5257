// This part of MariaTaskStore does the sync, one transaction that finishes, releases, reports and claims.
#include <algorithm>
#include <iterator>
#include <ranges>
#include <span>
#include <unordered_map>
#include <unordered_set>

#include "module/json/run_end.h"
#include "module/queue/cancel_request.h"
#include "module/queue/utf8_text.h"
#include "module/store/batches.h"
#include "module/store/concurrency_limits.h"
#include "module/store/in_transaction.h"
#include "module/store/run_end_size.h"

namespace taskqueue::store {
namespace {

const SqlPiece kOwnedColumns{"owned_columns", R"(
  Id INT PATH '$.r', TaskQueueId INT PATH '$.q', RunToken VARCHAR(32) PATH '$.k'
)"};

// Served by the primary key.
const Sql kLockRunner{"lock-runner", R"(
  SELECT Id
  FROM {TaskRunners} FORCE INDEX (PRIMARY)
  WHERE Id = ? AND Status = 'running'
  LOCK IN SHARE MODE
)"};

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
    r.RunMs = v.RunMs,
    r.ExitStatus = v.ExitStatus,
    r.ExitSignal = v.ExitSignal,
    r.UserCpuMs = v.UserCpuMs,
    r.SystemCpuMs = v.SystemCpuMs,
    r.MaxRssKb = v.MaxRssKb,
    r.StandardOutput = v.StandardOutput,
    r.StandardOutputBytes = v.StandardOutputBytes,
    r.StandardOutputDropped = v.StandardOutputDropped,
    r.ErrorOutput = v.ErrorOutput,
    r.ErrorOutputBytes = v.ErrorOutputBytes,
    r.ErrorOutputDropped = v.ErrorOutputDropped
  WHERE r.RunToken = v.RunToken COLLATE utf8mb4_nopad_bin AND r.Status = 'running'
)"};

// Finishes successful runs that have no results, messages or output. It takes a fraction of the work, since
// the server searches each row's JSON anew for every column. Rows are arrays. Served by the primary key.
const Sql kFinishPlainRuns{"finish-plain-runs", R"(
  UPDATE JSON_TABLE(?, '$[*]' COLUMNS (
    Id INT PATH '$[0]', RunToken VARCHAR(32) PATH '$[1]', RunMs BIGINT PATH '$[3]',
    UserCpuMs BIGINT PATH '$[4]', SystemCpuMs BIGINT PATH '$[5]', MaxRssKb BIGINT PATH '$[6]'
  )) v
  STRAIGHT_JOIN {TaskRuns} r FORCE INDEX (PRIMARY) ON r.Id = v.Id
  SET
    r.Status = 'success',
    r.OpenTaskQueueId = NULL,
    r.FinishedOn = UNIX_TIMESTAMP(),
    r.PercentsCompleted = 100,
    r.RunMs = v.RunMs,
    r.UserCpuMs = v.UserCpuMs,
    r.SystemCpuMs = v.SystemCpuMs,
    r.MaxRssKb = v.MaxRssKb
  WHERE r.RunToken = v.RunToken COLLATE utf8mb4_nopad_bin AND r.Status = 'running'
)"};
const SqlPiece kFinishAnyPlainTasks{"finish_any_plain_tasks", R"(
  UPDATE JSON_TABLE(?, '$[*]' COLUMNS (Id INT PATH '$[2]')) v
  STRAIGHT_JOIN {TaskQueue} t FORCE INDEX (PRIMARY) ON t.Id = v.Id
  SET
    t.LastStatus = 'success',
    t.ParkedReason = '',
    t.TaskRunsFailed = 0,
    t.NextRunOn = NULL,
    t.ActiveKey = IF(t.UniqueUntil > UNIX_TIMESTAMP(), t.ActiveKey, NULL)
  WHERE t.Id = v.Id
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
    Id INT PATH '$.q', Status VARCHAR(20) PATH '$.s', Failed INT PATH '$.f', GiveUp INT PATH '$.g',
    DelaySeconds INT PATH '$.d'
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

// Served by the primary key. Progress never falls within a run (I7).
const Sql kWriteProgress{"write-progress", R"(
  UPDATE JSON_TABLE(?, '$[*]' COLUMNS (
    {owned_columns}, Percents INT PATH '$.p', Note VARCHAR(255) PATH '$.n'
  )) v
  STRAIGHT_JOIN {TaskRuns} r FORCE INDEX (PRIMARY) ON r.Id = v.Id
  SET
    r.PercentsCompleted = GREATEST(r.PercentsCompleted, v.Percents),
    r.ProgressNote = v.Note
  WHERE r.RunToken = v.RunToken COLLATE utf8mb4_nopad_bin AND r.Status = 'running'
)"};

// Served by the primary key of TaskRuns.
const Sql kWriteOutput{"write-output", R"(
  INSERT INTO {TaskRunOutput} (TaskRunId, Stream, Position, Bytes, Content)
  SELECT v.Id, v.Stream, v.Position, v.Bytes, v.Content
  FROM JSON_TABLE(?, '$[*]' COLUMNS (
    {owned_columns}, Stream VARCHAR(6) PATH '$.st', Position BIGINT PATH '$.po',
    Bytes INT PATH '$.b', Content MEDIUMTEXT PATH '$.c'
  )) v
  STRAIGHT_JOIN {TaskRuns} r FORCE INDEX (PRIMARY) ON r.Id = v.Id
  WHERE r.RunToken = v.RunToken COLLATE utf8mb4_nopad_bin
    AND r.Status = 'running'
    AND v.Bytes > 0
)"};

// Served by the primary key of TaskRuns and the index TaskRunId (TaskRunId, Stream, Position).
const Sql kDropOutput{"drop-output", R"(
  DELETE o
  FROM JSON_TABLE(?, '$[*]' COLUMNS (
    {owned_columns}, Stream VARCHAR(6) PATH '$.st', DropFrom BIGINT PATH '$.df',
    DropTo BIGINT PATH '$.dt'
  )) v
  STRAIGHT_JOIN {TaskRuns} r FORCE INDEX (PRIMARY) ON r.Id = v.Id
  STRAIGHT_JOIN {TaskRunOutput} o FORCE INDEX (TaskRunId)
    ON o.TaskRunId = v.Id
    AND o.Stream = v.Stream COLLATE utf8mb4_unicode_ci
  WHERE r.RunToken = v.RunToken COLLATE utf8mb4_nopad_bin
    AND r.Status = 'running'
    AND v.DropTo > v.DropFrom
    AND o.Position >= v.DropFrom
    AND o.Position + o.Bytes <= v.DropTo
)"};

// Served by the index TaskRunId (TaskRunId, Stream, Position).
const Sql kDropAllOutput{"drop-all-output", R"(
  DELETE o
  FROM JSON_TABLE(?, '$[*]' COLUMNS ({owned_columns})) v
  STRAIGHT_JOIN {TaskRunOutput} o FORCE INDEX (TaskRunId) ON o.TaskRunId = v.Id
)"};

template <typename Items, typename WriteMore>
std::string arrayOf(const Items& items, WriteMore writeMore) {
  json::Writer rows;
  rows.startArray();
  for (const auto& item : items) {
    json::beginOwned(rows, item.owned);
    writeMore(rows, item);
    rows.endObject();
  }
  return rows.endArray().text();
}

const auto kNothingMore = [](json::Writer&, const auto&) {};

std::string endsAsJson(std::span<const RunEnd> ends) {
  json::Writer rows;
  rows.startArray();
  for (const RunEnd& end : ends) json::writeRunEnd(rows, end);
  return rows.endArray().text();
}

bool isPlainSuccess(const RunEnd& end) {
  return end.status == RunStatus::Success && end.percentsCompleted == 100 && !end.results &&
         end.errorCode.empty() && end.errorMessage.empty() && end.progressNote.empty() &&
         end.standardOutput.totalBytes == 0 && end.errorOutput.totalBytes == 0 && !end.use.exitStatus &&
         !end.use.exitSignal;
}

std::string plainEndsAsJson(std::span<const RunEnd> ends) {
  json::Writer rows;
  rows.startArray();
  for (const RunEnd& end : ends) {
    rows.startArray().value(end.owned.runId).value(end.owned.runToken).value(end.owned.taskQueueId);
    rows.value(end.runMs)
        .value(end.use.userCpuMs)
        .value(end.use.systemCpuMs)
        .value(end.use.maxRssKb)
        .endArray();
  }
  return rows.endArray().text();
}

std::size_t sizeOfEnd(const RunEnd& end) {
  return end.standardOutput.kept.size() + end.errorOutput.kept.size() +
         (end.results ? end.results->size() : 0) + end.errorMessage.size();
}

std::size_t sizeOfChunk(const OutputChunk& chunk) {
  return chunk.content.size();
}

const char* streamWord(OutputStream stream) {
  return stream == OutputStream::StandardOutput ? "stdout" : "stderr";
}

}  // namespace

SyncResult MariaTaskStore::sync(const SyncRequest& request) {
  std::optional<ClaimCursor::DueScan> scan;
  const bool anyUnparked = request.claimLimit > 0 && unparkAnnounced();
  const bool anyToCorrect = request.claimLimit > 0 && correctPriorities(request.queues);
  const bool writes = !request.ends.empty() || !request.releases.empty() || !request.progress.empty() ||
                      !request.output.empty();
  if (!writes && request.claimLimit > 0) {
    SyncResult nothingDue;
    scan = scanBeforeClaim(request, nothingDue);
    if (anyToCorrect || anyUnparked) nothingDue.secondsUntilDue = 0;
    if (!scan) return nothingDue;
  }
  // Other work of the caller must not wait behind one locked row.
  SyncResult result = inTransaction([&] { return syncOnce(request, scan); }, AfterLockWait::GiveUp);
  if (anyToCorrect || anyUnparked) result.secondsUntilDue = 0;
  for (const ClaimedRun& run : result.claimed) claimCursor_.claimedUpTo(run.task);
  // The order is reversed, since of several calls at once only the first counts.
  for (const Task& task : std::exchange(leftToOthers_, {}) | std::views::reverse)
    claimCursor_.passedOver(task);
  for (const Searched& searched : std::exchange(searched_, {}))
    claimCursor_.searchedTo(searched.band, searched.line == ClaimLine::New, searched.upTo, searched.isAll);
  for (const RunRelease& release : request.releases) {
    if (release.place) claimCursor_.released(*release.place);
  }
  return result;
}

SyncResult MariaTaskStore::syncOnce(const SyncRequest& request,
                                    const std::optional<ClaimCursor::DueScan>& scan) {
  SyncResult result;
  // A runner that was timed out must not claim, since no rescue would find those runs. The lock makes a
  // rescue wait until it can see the claims of this sync. It is taken first, in the order in which the rescue
  // locks.
  const bool mayClaim =
      request.claimLimit > 0 && !connection_.query(kLockRunner, {std::int64_t{request.taskRunnerId}}).empty();
  result.lostRuns = writeEnds(request.ends);
  const std::vector<int> lostReleases = writeReleases(request.releases);
  result.lostRuns.insert(result.lostRuns.end(), lostReleases.begin(), lostReleases.end());
  writeProgress(request.progress);
  writeOutput(request.output);
  std::vector<int> settled;
  for (const RunEnd& end : request.ends) settled.push_back(end.owned.taskQueueId);
  for (const RunRelease& release : request.releases) settled.push_back(release.owned.taskQueueId);
  unparkFreedKeys(connection_, settled);
  if (mayClaim) claim(request, scan, result);
  count(Counter::RefusedWrites, static_cast<std::int64_t>(result.lostRuns.size()));
  return result;
}

// Runs are found by token, not by Id: a lost run can be ours again, with another token, in the same sync.
template <typename Items>
std::unordered_map<std::string, MariaTaskStore::Owned> MariaTaskStore::lockOwned(const Items& items) {
  std::unordered_map<std::string, Owned> owned;
  for (Row& row : connection_.query(kOwnedRuns, {arrayOf(items, kNothingMore)})) {
    std::string token = row.text();
    const std::string status = row.text();
    owned[std::move(token)] = {status == toString(RunStatus::Running), row.integer() == 1,
                               status == toString(RunStatus::Timeout)};
  }
  return owned;
}

std::vector<int> MariaTaskStore::writeEnds(const std::vector<RunEnd>& ends) {
  if (ends.empty()) return {};
  const auto owned = lockOwned(ends);
  std::vector<int> lost;
  std::vector<RunEnd> open;
  for (const RunEnd& end : ends) {
    const auto found = owned.find(end.owned.runToken);
    const bool isRescued = found != owned.end() && found->second.rescued && end.status != RunStatus::Timeout;
    if (found == owned.end() || isRescued) {
      lost.push_back(end.owned.runId);
    } else if (found->second.running) {
      open.push_back(end);
      if (found->second.cancelRequested) applyCancelRequest(open.back());
    }
    // Otherwise our token is in the row of an ended run: an earlier try of this sync was committed after all.
  }
  if (!open.empty()) writeEndsOfOwnedRuns(open);
  return lost;
}

void MariaTaskStore::writeEndsOfOwnedRuns(std::vector<RunEnd>& ends) {
  for (RunEnd& end : ends) {
    // Most ends are far smaller, so their exact size is not computed.
    if (sizeOfEnd(end) > connection_.batchBytes()) cutToSize(end, connection_.statementBytes());
  }
  const auto firstOther = std::stable_partition(ends.begin(), ends.end(), isPlainSuccess);
  writeRows(std::span(ends.begin(), firstOther),
            {kFinishPlainRuns, kFinishPlainTasks, kFinishPlainNotifiedTasks, plainEndsAsJson});
  writeRows(std::span(firstOther, ends.end()), {kFinishRuns, kFinishTasks, kFinishNotifiedTasks, endsAsJson});
  std::vector<RunEnd> withLiveOutput;
  std::copy_if(ends.begin(), ends.end(), std::back_inserter(withLiveOutput),
               [](const RunEnd& end) { return end.hadLiveOutput; });
  if (!withLiveOutput.empty()) connection_.execute(kDropAllOutput, {arrayOf(withLiveOutput, kNothingMore)});
}

void MariaTaskStore::writeRows(std::span<const RunEnd> ends, const EndStatements& with) {
  for (const auto batch : batchesOf(ends, connection_.batchBytes(), sizeOfEnd)) {
    const std::string rows = with.asJson(batch);
    if (connection_.execute(with.runs, {rows}) != static_cast<std::int64_t>(batch.size())) {
      throw StoreError(StoreError::Kind::Broken, "a locked run changed under its owner");
    }
    const std::int64_t notNotified = connection_.execute(with.tasks, {rows});
    if (notNotified == static_cast<std::int64_t>(batch.size())) continue;
    connection_.execute(with.notifiedTasks, {rows});
    std::vector<int> ids;
    for (const RunEnd& end : batch) ids.push_back(end.owned.taskQueueId);
    notifyCompleted(ids);
  }
}

std::vector<int> MariaTaskStore::writeReleases(const std::vector<RunRelease>& releases) {
  if (releases.empty()) return {};
  const auto owned = lockOwned(releases);
  std::vector<int> lost;
  std::vector<RunRelease> ours;
  std::vector<RunEnd> cancelled;
  for (const RunRelease& release : releases) {
    const auto found = owned.find(release.owned.runToken);
    if (found == owned.end() || !found->second.running) {
      lost.push_back(release.owned.runId);
    } else if (found->second.cancelRequested) {
      cancelled.push_back(toCancelledEnd(release));
    } else {
      ours.push_back(release);
    }
  }
  if (!cancelled.empty()) writeEndsOfOwnedRuns(cancelled);
  if (!ours.empty()) releaseOwnedRuns(ours);
  return lost;
}

void MariaTaskStore::releaseOwnedRuns(const std::vector<RunRelease>& releases) {
  const std::string rows = arrayOf(releases, [](json::Writer& to, const RunRelease& release) {
    to.member("d", release.delaySeconds).member("p", release.place);
  });
  connection_.execute(kReleaseRuns, {rows});
  connection_.execute(kDropAllOutput, {rows});
}

void MariaTaskStore::writeProgress(const std::vector<RunProgress>& progress) {
  if (progress.empty()) return;
  connection_.execute(kWriteProgress, {arrayOf(progress, [](json::Writer& to, const RunProgress& report) {
                        to.member("p", std::clamp(report.percentsCompleted, 0, 100));
                        to.member("n", cutAtCharacter(report.progressNote, json::kShortTextBytes));
                      })});
}

void MariaTaskStore::writeOutput(const std::vector<OutputChunk>& output) {
  if (output.empty()) return;
  const std::size_t max = connection_.batchBytes();
  const std::vector<OutputChunk> chunks = splitToSize(output, max);
  for (const auto batch : batchesOf(std::span<const OutputChunk>(chunks), max, sizeOfChunk)) {
    const std::string rows = arrayOf(batch, [](json::Writer& to, const OutputChunk& chunk) {
      to.member("st", streamWord(chunk.stream)).member("po", chunk.position);
      to.member("b", chunk.content.size()).member("c", chunk.content);
      to.member("df", chunk.dropFrom).member("dt", chunk.dropTo);
    });
    connection_.execute(kWriteOutput, {rows});
    const bool anyDrop = std::any_of(batch.begin(), batch.end(),
                                     [](const OutputChunk& chunk) { return chunk.dropTo > chunk.dropFrom; });
    if (anyDrop) connection_.execute(kDropOutput, {rows});
  }
}

}  // namespace taskqueue::store
