// Ends runners: a dead one, with its runs (rule 4), and one that ends regularly.
#include <algorithm>

#include "module/queue/rescue.h"
#include "module/store/claim/concurrency_limits.h"
#include "module/store/runners/maria_runners.h"
#include "module/store/runners/run_ends.h"
#include "module/store/statistics/counters.h"

namespace taskqueue::store {
namespace {

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
    h.OnCrash, h.RetryDelaySeconds, h.RetryDelayLimitSeconds, COALESCE(h.RetryDelays, ''),
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
    const auto [stream, position, content] = row.as<std::string, std::int64_t, std::string>();
    CapturedText& text = stream == "stderr" ? end.errorOutput : end.standardOutput;
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

}  // namespace

void MariaRunners::endRunner(int taskRunnerId) {
  connection_.execute(kEndRunner, {toString(RunnerStatus::Success), taskRunnerId});
}

std::vector<int> MariaRunners::findEndedRunnersWithRuns(int limit) {
  std::vector<int> ids;
  for (Row& row : connection_.query(kEndedRunnersWithRuns, {limit})) ids.push_back(row.as<int>());
  return ids;
}

bool MariaRunners::timeOutRunner(int taskRunnerId, const RescuePolicy& policy) {
  return context_.inTransaction([&] {
    const std::int64_t key = taskRunnerId;
    const bool ended = connection_.execute(kEndRunner, {toString(RunnerStatus::Timeout), key}) == 1;
    std::vector<RunEnd> ends;
    std::vector<RunRelease> over;
    for (Row& row : connection_.query(kRunsToRescue, {key})) {
      RunEnd end;
      RescuedRun rescued;
      rescued.taskRunnerId = taskRunnerId;
      std::optional<UnixSeconds> cancelRequestedOn;
      std::string retryDelays;
      bool isOldCopy = false;
      row.into(end.owned.runId, end.owned.taskQueueId, end.owned.runToken, end.percentsCompleted,
               end.progressNote, rescued.taskRunsFailed, end.runMs, cancelRequestedOn,
               rescued.earlierRunnerDeaths, rescued.handler.onCrash, rescued.handler.retryDelaySeconds,
               rescued.handler.retryDelayLimitSeconds, retryDelays, isOldCopy);
      rescued.handler.retryDelays = parseRetryDelays(retryDelays);
      rescued.cancelRequested = cancelRequestedOn.has_value();
      if (isOldCopy) {
        over.push_back({end.owned});
        continue;
      }
      judgeRescue(end, rescued, policy, context_.chances());
      ends.push_back(std::move(end));
    }
    for (RunEnd& end : ends) {
      collectOutput(connection_.query(kOutputToRescue, {end.owned.runId}), end);
    }
    if (!ends.empty()) writeEndsOfOwnedRuns(connection_, ends);
    if (!over.empty()) releaseOwnedRuns(connection_, over);
    std::vector<int> freed;
    for (const RunEnd& end : ends) freed.push_back(end.owned.taskQueueId);
    for (const RunRelease& release : over) freed.push_back(release.owned.taskQueueId);
    unparkFreedKeys(connection_, freed);
    addToCounter(connection_, Counter::RescuedRuns, static_cast<std::int64_t>(ends.size()));
    return ended || !ends.empty() || !over.empty();
  });
}

}  // namespace taskqueue::store
