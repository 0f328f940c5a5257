// Prunes old rows. Each call is one small transaction. It locks no tasks but those that have ended, and
// skips those that another transaction has locked.
#include "module/queue/retention.h"

#include <algorithm>
#include <unordered_set>

#include "module/json/writer.h"
#include "module/store/maintenance/maria_maintenance.h"
#include "module/store/sql/ended_tasks.h"

namespace taskqueue::store {
namespace {

constexpr std::int64_t kRunsAtOnce = 500;             // runs that one transaction prunes
constexpr std::int64_t kOutputBytesAtOnce = 8 << 20;  // stored output of these runs

// These keep the place that pruning tasks has reached in the order of QueuedOn and Id. Served by the unique
// key Name.
const Sql kLockRetentionPlace{"lock-retention-place", R"(
  INSERT INTO {TaskQueueMarks} (Name, MarkedOn)
  VALUES ('retention', 0), ('retention_id', 0)
  ON DUPLICATE KEY UPDATE MarkedOn = COALESCE(MarkedOn, 0)
)"};
const Sql kReadRetentionPlace{"read-retention-place", R"(
  SELECT (SELECT MarkedOn FROM {TaskQueueMarks} WHERE Name = 'retention'),
    (SELECT MarkedOn FROM {TaskQueueMarks} WHERE Name = 'retention_id')
)"};
const Sql kSetRetentionPlace{"set-retention-place", R"(
  UPDATE {TaskQueueMarks}
  SET MarkedOn = IF(Name = 'retention', ?, ?)
  WHERE Name IN ('retention', 'retention_id')
)"};

// Reads tasks, and whether each may be pruned. Its runs, its ScheduledOn and the audit must say that it ended
// before that time. Its UniqueKey must no longer hold, and no schedule may name it as its last task. Served
// by the index QueuedOn, and inside by OpenTaskQueueId, TaskQueueId and LastTaskQueueId.
const Sql kOldTasks{"old-tasks", R"(
  SELECT t.Id, t.QueuedOn,
    (
      {has_ended}
      AND (t.ActiveKey IS NULL OR COALESCE(t.UniqueUntil, 0) <= UNIX_TIMESTAMP())
      AND COALESCE(t.ScheduledOn, 0) < ?
      AND NOT EXISTS (
        SELECT 1
        FROM {TaskRuns} y FORCE INDEX (TaskQueueId)
        WHERE y.TaskQueueId = t.Id AND y.FinishedOn >= ?
      )
      AND NOT EXISTS (
        SELECT 1
        FROM {TaskQueueAudit} a FORCE INDEX (TaskQueueId)
        WHERE a.TaskQueueId = t.Id AND a.ChangedOn >= ?
      )
      AND NOT EXISTS (
        SELECT 1 FROM {TaskSchedules} s FORCE INDEX (LastTaskQueueId) WHERE s.LastTaskQueueId = t.Id
      )
    )
  FROM {TaskQueue} t FORCE INDEX (QueuedOn)
  WHERE t.QueuedOn >= ?
    AND (t.QueuedOn > ? OR t.Id > ?)
    AND t.QueuedOn < ?
  ORDER BY t.QueuedOn, t.Id
  LIMIT ?
)"};

// Locks those of the tasks that have still ended: a retry by hand may have come first. Served by the primary
// key.
const Sql kLockEnded{"lock-ended", R"(
  SELECT t.Id
  FROM JSON_TABLE(?, '$[*]' COLUMNS (Id INT PATH '$')) v
  STRAIGHT_JOIN {TaskQueue} t FORCE INDEX (PRIMARY) ON t.Id = v.Id
  WHERE {has_ended}
  FOR UPDATE SKIP LOCKED
)"};

// Served by the index TaskQueueId (TaskQueueId, Attempt), in its order.
const Sql kRunsOfEnded{"runs-of-ended", R"(
  SELECT r.Id, r.TaskQueueId,
    r.StandardOutputBytes - r.StandardOutputDropped + r.ErrorOutputBytes - r.ErrorOutputDropped
  FROM JSON_TABLE(?, '$[*]' COLUMNS (Id INT PATH '$')) v
  STRAIGHT_JOIN {TaskRuns} r FORCE INDEX (TaskQueueId) ON r.TaskQueueId = v.Id
  LIMIT ?
)"};

const SqlPiece kGivenIds{"given_ids", R"(
  JSON_TABLE(?, '$[*]' COLUMNS (Id INT PATH '$')) v
)"};

// Served by the unique key TaskRunId (TaskRunId, Name, Part).
const Sql kPruneFilesOfRuns{"prune-files-of-runs", R"(
  DELETE f
  FROM {given_ids}
  STRAIGHT_JOIN {TaskRunFiles} f FORCE INDEX (TaskRunId) ON f.TaskRunId = v.Id
)"};
// Served by the unique key TaskQueueId.
const Sql kPruneCheckpointsOfTasks{"prune-checkpoints-of-tasks", R"(
  DELETE c
  FROM {given_ids}
  STRAIGHT_JOIN {TaskCheckpoints} c FORCE INDEX (TaskQueueId) ON c.TaskQueueId = v.Id
)"};
// Served by the primary key.
const Sql kPruneRuns{"prune-runs", R"(
  DELETE r
  FROM {given_ids}
  STRAIGHT_JOIN {TaskRuns} r FORCE INDEX (PRIMARY) ON r.Id = v.Id
)"};
// A task with more runs than one transaction prunes stays until the last of them is gone. Served by the
// primary key and the index TaskQueueId.
const Sql kPruneTasks{"prune-tasks", R"(
  DELETE t
  FROM {given_ids}
  STRAIGHT_JOIN {TaskQueue} t FORCE INDEX (PRIMARY) ON t.Id = v.Id
  WHERE NOT EXISTS (
    SELECT 1
    FROM {TaskRuns} r FORCE INDEX (TaskQueueId)
    WHERE r.TaskQueueId = t.Id
  )
)"};

// Finds files of runs whose task has ended, or is gone with its runs. Files have no date, so the Id of a run
// decides: it is at most that of the run that ended last before the time. Served by the unique key TaskRunId,
// the primary keys, and the index FinishedOn.
const Sql kOldRunFiles{"old-run-files", R"(
  SELECT f.Id, t.Id
  FROM {TaskRunFiles} f FORCE INDEX (TaskRunId)
  LEFT JOIN {TaskRuns} r FORCE INDEX (PRIMARY) ON r.Id = f.TaskRunId
  LEFT JOIN {TaskQueue} t FORCE INDEX (PRIMARY) ON t.Id = r.TaskQueueId
  WHERE f.TaskRunId <= (
    SELECT e.Id
    FROM {TaskRuns} e FORCE INDEX (FinishedOn)
    WHERE e.FinishedOn < ?
    ORDER BY e.FinishedOn DESC
    LIMIT 1
  )
    AND (t.Id IS NULL OR (r.FinishedOn < ? AND {has_ended}))
  ORDER BY f.TaskRunId
  LIMIT ?
)"};
const Sql kPruneRunFiles{"prune-run-files", R"(
  DELETE f
  FROM {given_ids}
  STRAIGHT_JOIN {TaskRunFiles} f FORCE INDEX (PRIMARY) ON f.Id = v.Id
)"};

// Served by the index UpdatedOn and the primary key.
const Sql kOldCheckpoints{"old-checkpoints", R"(
  SELECT c.Id, t.Id
  FROM {TaskCheckpoints} c FORCE INDEX (UpdatedOn)
  LEFT JOIN {TaskQueue} t FORCE INDEX (PRIMARY) ON t.Id = c.TaskQueueId
  WHERE c.UpdatedOn < ? AND (t.Id IS NULL OR ({has_ended}))
  ORDER BY c.UpdatedOn
  LIMIT ?
)"};
const Sql kPruneCheckpoints{"prune-checkpoints", R"(
  DELETE c
  FROM {given_ids}
  STRAIGHT_JOIN {TaskCheckpoints} c FORCE INDEX (PRIMARY) ON c.Id = v.Id
)"};

// Served by the indexes CreatedOn, FiredOn and ChangedOn.
const Sql kPruneRequests{"prune-requests", R"(
  DELETE FROM {TaskQueueRequests}
  WHERE CreatedOn < ?
  ORDER BY CreatedOn
  LIMIT ?
)"};
const Sql kPruneFirings{"prune-firings", R"(
  DELETE FROM {TaskScheduleFirings}
  WHERE FiredOn < ?
  ORDER BY FiredOn
  LIMIT ?
)"};
const Sql kPruneChanges{"prune-changes", R"(
  DELETE FROM {TaskQueueAudit}
  WHERE ChangedOn < ?
  ORDER BY ChangedOn
  LIMIT ?
)"};
// Finds declarations of classes that no runner has offered since that time, and that no parked task waits
// for. A row whose runner is gone has no time, so it is pruned. Served by the primary key, and inside by that
// of TaskRunners, and the index TaskHandlerClass (TaskHandlerClass, ParkedReason) of TaskQueue.
const Sql kOldHandlers{"old-handlers", R"(
  SELECT h.Id
  FROM {TaskHandlers} h
  LEFT JOIN {TaskRunners} n ON n.Id = h.TaskRunnerId
  WHERE (
    n.Id IS NULL
    OR COALESCE(
      h.WithdrawnOn, IF(n.Status = 'running', NULL, COALESCE(n.FinishedOn, n.LastHeartbeatOn, 0))
    ) < ?
  )
    AND NOT EXISTS (
      SELECT 1
      FROM {TaskQueue} t FORCE INDEX (TaskHandlerClass)
      WHERE t.TaskHandlerClass = h.TaskHandlerClass AND t.ParkedReason <> ''
    )
  ORDER BY h.Id
  LIMIT ?
)"};
const Sql kPruneHandlers{"prune-handlers", R"(
  DELETE h
  FROM {given_ids}
  STRAIGHT_JOIN {TaskHandlers} h FORCE INDEX (PRIMARY) ON h.Id = v.Id
)"};

// A runner stays while it has declarations, and while its runs wait for a rescue. Served by the index
// FinishedOn, by RunnerHandler, and by TaskRunnerId (TaskRunnerId, OpenTaskQueueId).
const Sql kPruneRunners{"prune-runners", R"(
  DELETE FROM {TaskRunners}
  WHERE FinishedOn < ?
    AND Status <> 'running'
    AND NOT EXISTS (SELECT 1 FROM {TaskHandlers} h WHERE h.TaskRunnerId = {TaskRunners}.Id)
    AND NOT EXISTS (
      SELECT 1
      FROM {TaskRuns} r FORCE INDEX (TaskRunnerId)
      WHERE r.TaskRunnerId = {TaskRunners}.Id AND r.OpenTaskQueueId IS NOT NULL
    )
  ORDER BY FinishedOn
  LIMIT ?
)"};

std::string arrayOf(const std::vector<int>& ids) {
  json::Writer array;
  array.startArray();
  for (const int id : ids) array.value(id);
  return array.endArray().text();
}

// Returns the runs that one transaction prunes: all runs of as many tasks as fit. If the first task alone has
// too many, it returns the first of these.
std::vector<int> firstBatchOf(std::vector<Row> rows) {
  std::vector<std::pair<int, int>> runs;  // each run with its task
  std::size_t end = 0;
  std::int64_t bytes = 0;
  for (Row& row : rows) {
    const auto [id, task, outputBytes] = row.as<int, int, std::int64_t>();
    runs.emplace_back(id, task);
    bytes += outputBytes;
    if (bytes <= kOutputBytesAtOnce || runs.size() == 1) end = runs.size();
  }
  const bool mayBeCut = end < runs.size() || runs.size() == static_cast<std::size_t>(kRunsAtOnce);
  if (mayBeCut) {
    const int cutTask = runs[std::min(end, runs.size() - 1)].second;
    std::size_t whole = end;
    while (whole > 0 && runs[whole - 1].second == cutTask) --whole;
    if (whole > 0) end = whole;
  }
  std::vector<int> ids;
  for (std::size_t i = 0; i < end; ++i) ids.push_back(runs[i].first);
  return ids;
}

// Locks those of these tasks that have ended and that no other transaction has locked, and returns them.
std::vector<int> lockEnded(Connection& connection, const std::vector<int>& taskIds) {
  std::vector<int> ended;
  if (taskIds.empty()) return ended;
  for (Row& row : connection.query(kLockEnded, {arrayOf(taskIds)})) ended.push_back(row.as<int>());
  return ended;
}

// Prunes `rows`, which hold an Id and that of its task. The task must have ended or be gone.
int pruneOfEnded(Connection& connection, std::vector<Row> rows, const Sql& prune) {
  std::vector<std::pair<int, std::optional<int>>> found;  // each row with its task
  std::vector<int> tasks;
  for (Row& row : rows) {
    const auto [id, task] = row.as<int, std::optional<int>>();
    found.emplace_back(id, task);
    if (task) tasks.push_back(*task);
  }
  const std::vector<int> locked = lockEnded(connection, tasks);
  const std::unordered_set<int> ended(locked.begin(), locked.end());
  std::vector<int> ids;
  for (const auto& [id, task] : found) {
    if (!task || ended.contains(*task)) ids.push_back(id);
  }
  return ids.empty() ? 0 : static_cast<int>(connection.execute(prune, {arrayOf(ids)}));
}

}  // namespace

PrunedTasks MariaMaintenance::pruneTasks(UnixSeconds endedBefore, int max) {
  return context_.inTransaction([&] {
    PrunedTasks pruned;
    connection_.execute(kLockRetentionPlace);
    auto marks = connection_.query(kReadRetentionPlace);
    const auto [from, fromId] = marks.at(0).as<UnixSeconds, std::int64_t>();
    std::vector<int> candidates;
    UnixSeconds last = from;
    std::int64_t lastId = fromId;
    auto rows = connection_.query(
        kOldTasks, {endedBefore, endedBefore, endedBefore, from, from, fromId, endedBefore, max});
    for (Row& row : rows) {
      const auto [id, queuedOn, mayBePruned] = row.as<int, UnixSeconds, bool>();
      lastId = id;
      last = queuedOn;
      if (mayBePruned) candidates.push_back(id);
    }
    const std::vector<int> ended = lockEnded(connection_, candidates);
    bool isWhole = true;
    if (!ended.empty()) {
      const std::string tasks = arrayOf(ended);
      const std::string runs = arrayOf(firstBatchOf(connection_.query(kRunsOfEnded, {tasks, kRunsAtOnce})));
      connection_.execute(kPruneFilesOfRuns, {runs});
      connection_.execute(kPruneRuns, {runs});
      connection_.execute(kPruneCheckpointsOfTasks, {tasks});
      pruned.count = static_cast<int>(connection_.execute(kPruneTasks, {tasks}));
      isWhole = pruned.count == static_cast<int>(ended.size());
    }
    const bool isFull = static_cast<int>(rows.size()) == max;
    pruned.more = isFull || !isWhole;
    // After the last task the scan begins again at the oldest.
    const bool goesOn = isWhole && isFull;
    const UnixSeconds place = goesOn ? last : 0;
    const std::int64_t placeId = goesOn ? lastId : 0;
    if (isWhole) connection_.execute(kSetRetentionPlace, {place, placeId});
    return pruned;
  });
}

int MariaMaintenance::pruneRecords(RecordKind kind, UnixSeconds before, int max) {
  const std::int64_t limit = max;
  const auto plain = [&](const Sql& sql) {
    return static_cast<int>(connection_.execute(sql, {before, limit}));
  };
  return context_.inTransaction([&] {
    switch (kind) {
      case RecordKind::RunFiles:
        return pruneOfEnded(connection_, connection_.query(kOldRunFiles, {before, before, limit}),
                            kPruneRunFiles);
      case RecordKind::Checkpoints:
        return pruneOfEnded(connection_, connection_.query(kOldCheckpoints, {before, limit}),
                            kPruneCheckpoints);
      case RecordKind::Requests:
        return plain(kPruneRequests);
      case RecordKind::Firings:
        return plain(kPruneFirings);
      case RecordKind::Handlers: {
        std::vector<int> ids;
        for (Row& row : connection_.query(kOldHandlers, {before, limit})) ids.push_back(row.as<int>());
        return ids.empty() ? 0 : static_cast<int>(connection_.execute(kPruneHandlers, {arrayOf(ids)}));
      }
      case RecordKind::Runners:
        return plain(kPruneRunners);
      case RecordKind::Changes:
        return plain(kPruneChanges);
    }
    return 0;
  });
}

}  // namespace taskqueue::store
