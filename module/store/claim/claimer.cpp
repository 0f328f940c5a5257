#include "module/store/claim/claimer.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <ranges>
#include <set>
#include <unordered_map>
#include <utility>

#include "module/json/writer.h"
#include "module/queue/due_task.h"
#include "module/store/claim/concurrency_limits.h"
#include "module/store/claim/due_judge.h"
#include "module/store/claim/due_tasks.h"
#include "module/store/runners/completion_notices.h"
#include "module/store/sql/columns.h"

namespace taskqueue::store {
namespace {

// Tasks that this runner cannot run may stand before others. A claim then locks at most this many new rows of
// one priority, and as many scheduled rows.
constexpr int kMaxRowsPerBand = 1000;
// After this time a claim locks no further priority band.
constexpr std::chrono::milliseconds kLongestLocking{300};

// Served by the index Claim in its own order: with a sort step InnoDB would lock the whole backlog
// (module/design/claiming.md). New rows come before scheduled rows, and a statement of their own locks them
// (CLAIM-6).
const Sql kLockNew{"lock-new", R"(
  SELECT {task_columns}, UNIX_TIMESTAMP()
  FROM {TaskQueue} t FORCE INDEX (Claim)
  WHERE t.Queue = ? AND t.Priority = ?
    AND t.NextRunOn = 0 AND t.Id > ?
  ORDER BY t.NextRunOn, t.Id
  LIMIT ?
  FOR UPDATE SKIP LOCKED
)"};
const Sql kLockDue{"lock-due", R"(
  SELECT {task_columns}, UNIX_TIMESTAMP()
  FROM {TaskQueue} t FORCE INDEX (Claim)
  WHERE t.Queue = ? AND t.Priority = ?
    AND (t.NextRunOn = ? AND t.Id > ? OR t.NextRunOn > ?)
    AND t.NextRunOn <> 0
    AND t.NextRunOn <= UNIX_TIMESTAMP()
  ORDER BY t.NextRunOn, t.Id
  LIMIT ?
  FOR UPDATE SKIP LOCKED
)"};
// Tasks that DueSearch found, in the order given. Locked by the index Claim as well: all looks lock a row's
// entry before the row.
const Sql kLockFound{"lock-found", R"(
  SELECT {task_columns}, UNIX_TIMESTAMP()
  FROM JSON_TABLE(?, '$[*]' COLUMNS (NextRunOn BIGINT PATH '$.n', Id INT PATH '$.q')) v
  STRAIGHT_JOIN {TaskQueue} t FORCE INDEX (Claim)
    ON t.Queue = ?
    AND t.Priority = ?
    AND t.NextRunOn = v.NextRunOn
    AND t.Id = v.Id
  FOR UPDATE SKIP LOCKED
)"};

// Served by the primary key.
const Sql kMarkRunning{"mark-running", R"(
  UPDATE {TaskQueue} t FORCE INDEX (PRIMARY)
  SET
    t.NextRunOn = NULL,
    t.LastStatus = 'running',
    t.ParkedReason = ''
  WHERE t.Id IN (?)
)"};

// Opens a new run, or takes over the `scheduled` run that the overseer made. The unique key OpenTaskQueueId
// prevents a second open run of a task (rule 1). If one is running already, its own token is returned and
// nothing changes. The index TaskQueueId (TaskQueueId, Attempt) serves the next attempt's number.
const Sql kOpenRuns{"open-runs", R"(
  INSERT INTO {TaskRuns} (
    TaskQueueId, OpenTaskQueueId, Attempt, StartedOn, Status, TaskRunnerId, RunToken
  )
  SELECT v.Id, v.Id,
    (
      SELECT LEAST(COALESCE(MAX(p.Attempt), 0), 2147483646) + 1
      FROM {TaskRuns} p
      WHERE p.TaskQueueId = v.Id
    ),
    UNIX_TIMESTAMP(), 'running', ?, v.Token
  FROM JSON_TABLE(?, '$[*]' COLUMNS (Id INT PATH '$.q', Token VARCHAR(32) PATH '$.k')) v
  ON DUPLICATE KEY UPDATE
    RunToken = IF(Status = 'scheduled', VALUES(RunToken), RunToken),
    StartedOn = IF(Status = 'scheduled', VALUES(StartedOn), StartedOn),
    TaskRunnerId = IF(Status = 'scheduled', VALUES(TaskRunnerId), TaskRunnerId),
    Status = IF(Status = 'scheduled', 'running', Status)
  RETURNING Id, TaskQueueId, Attempt, RunToken
)"};

// Served by the primary key.
const Sql kDefer{"defer", R"(
  UPDATE JSON_TABLE(?, '$[*]' COLUMNS (
    Id INT PATH '$.q', NextRunOn BIGINT PATH '$.n', Reason VARCHAR(255) PATH '$.w'
  )) v
  STRAIGHT_JOIN {TaskQueue} t FORCE INDEX (PRIMARY) ON t.Id = v.Id
  SET t.NextRunOn = v.NextRunOn, t.ParkedReason = v.Reason
)"};

// A retired task gives up its unique key, and its `scheduled` run is cancelled. While a run is running,
// ActiveKey and LastStatus stay, and its end decides them. Served by the primary key and the unique key
// OpenTaskQueueId.
const Sql kRetire{"retire", R"(
  UPDATE JSON_TABLE(?, '$[*]' COLUMNS (Id INT PATH '$.q')) v
  STRAIGHT_JOIN {TaskQueue} t FORCE INDEX (PRIMARY) ON t.Id = v.Id
  LEFT JOIN {TaskRuns} r FORCE INDEX (OpenTaskQueueId) ON r.OpenTaskQueueId = t.Id
  SET
    t.NextRunOn = NULL,
    t.ParkedReason = '',
    t.ActiveKey = IF(r.Status = 'running', t.ActiveKey, NULL),
    t.LastStatus = IF(
      r.Status = 'scheduled' OR (r.Id IS NULL AND t.LastStatus = 'scheduled'),
      'cancelled',
      t.LastStatus
    ),
    r.FinishedOn = IF(r.Status = 'scheduled', UNIX_TIMESTAMP(), r.FinishedOn),
    r.OpenTaskQueueId = IF(r.Status = 'scheduled', NULL, r.OpenTaskQueueId),
    r.Status = IF(r.Status = 'scheduled', 'cancelled', r.Status)
)"};

}  // namespace

std::optional<ClaimCursor::DueScan> Claimer::scanFirst(const SyncRequest& request, SyncResult& result) {
  const auto start = std::chrono::steady_clock::now();
  auto found = scanDue(request);
  if (!found.due.empty() || found.anyLimit) return found;
  if (found.isFullScan) cursor_.fullScanTook(std::chrono::steady_clock::now() - start);
  result.secondsUntilDue = found.secondsUntilDue;
  return std::nullopt;
}

ClaimCursor::DueScan Claimer::scanDue(const SyncRequest& request) {
  return cursor_.scan(connection_, request.queues, std::max(request.claimLimit, rowsPerLine_));
}

void Claimer::claim(const SyncRequest& request, std::optional<ClaimCursor::DueScan> scan,
                    SyncResult& result) {
  const auto start = std::chrono::steady_clock::now();
  leftToOthers_.clear();
  searched_.clear();
  ConcurrencyLimits limits(connection_, request.queues, request.handlers);
  if (limits.unpark(request.handlers) || !scan) scan = scanDue(request);
  std::erase_if(scan->due, [&](const auto& band) { return limits.isQueuePaused(band.queue); });
  result.secondsUntilDue = scan->secondsUntilDue;
  DueTasks due;
  lockDue(request, *scan, limits, due);
  if (scan->isFullScan) cursor_.fullScanTook(std::chrono::steady_clock::now() - start);
  if (due.anyDeferred) connection_.execute(kDefer, {due.deferred.endArray().text()});
  if (!due.retiredIds.empty()) {
    connection_.execute(kRetire, {due.retired.endArray().text()});
    notifyCompleted(connection_, due.retiredIds);
  }
  setRowsPerLine(request, due);
  if (!due.wanted.empty()) openRuns(request.taskRunnerId, due, result);
}

// Where most rows could not run at all, the next claim looks at twice as many.
void Claimer::setRowsPerLine(const SyncRequest& request, const DueTasks& due) {
  const std::size_t gone = static_cast<std::size_t>(due.gone) + due.retiredIds.size();
  const int min = 2 * request.claimLimit;
  if (gone > due.wanted.size()) {
    rowsPerLine_ = std::min(std::max(2 * rowsPerLine_, min), kMaxRowsPerBand);
  } else {
    rowsPerLine_ = rowsPerLine_ / 2 < min ? 0 : rowsPerLine_ / 2;
  }
}

struct Claimer::ClaimWork {
  int claimLimit;
  int rowsPerLine;
  bool isFullScan;
  DueJudge judge;
  DueSearch search;
  DueTasks& due;
  std::chrono::steady_clock::time_point end = std::chrono::steady_clock::now() + kLongestLocking;

  std::int64_t room() const { return claimLimit - static_cast<std::int64_t>(due.wanted.size()); }
  std::int64_t rows() const { return std::max(room(), std::int64_t{rowsPerLine}); }
  std::int64_t setAside() const {
    return static_cast<std::int64_t>(due.gone + due.leftToOthers) +
           static_cast<std::int64_t>(due.retiredIds.size());
  }
  bool isOver() const { return room() <= 0 || std::chrono::steady_clock::now() >= end; }
};

void Claimer::lockDue(const SyncRequest& request, const ClaimCursor::DueScan& scan, ConcurrencyLimits& limits,
                      DueTasks& to) {
  std::vector<std::string> classes;
  std::copy_if(request.handlers.begin(), request.handlers.end(), std::back_inserter(classes),
               [&](const std::string& name) { return !limits.isHandlerPaused(name); });
  ClaimWork work{request.claimLimit,
                 rowsPerLine_,
                 scan.isFullScan,
                 DueJudge(connection_, request, limits),
                 DueSearch(connection_, std::move(classes)),
                 to};
  for (const ClaimCursor::PriorityBand& band : scan.due) {
    if (work.isOver()) return;
    if (band.newRows > 0) lockLine(work, band, ClaimLine::New);
    if (band.anyTimed && work.room() > 0) lockLine(work, band, ClaimLine::Timed);
  }
}

void Claimer::lockLine(ClaimWork& work, const ClaimCursor::PriorityBand& band, ClaimLine line) {
  const std::int64_t priority = band.priority;
  const auto& [nextRunOn, id] = band.after;
  const std::int64_t before = work.setAside();
  auto locked =
      line == ClaimLine::New
          ? connection_.query(kLockNew,
                              {band.queue, priority, band.afterNewId, std::min(work.rows(), band.newRows)})
          : connection_.query(kLockDue, {band.queue, priority, nextRunOn, id, nextRunOn, work.rows()});
  const auto last = take(std::move(locked), work.claimLimit, work.judge, work.due);
  if (last && work.setAside() > before && work.room() > 0) searchLine(work, band, line, *last);
}

// Tasks that cannot run here stand first: claims what stands behind them. One search at least, so that each
// claim gets on.
void Claimer::searchLine(ClaimWork& work, const ClaimCursor::PriorityBand& band, ClaimLine line,
                         ClaimCursor::Place behind) {
  behind = std::max(behind, cursor_.searchFrom(band, line == ClaimLine::New, work.isFullScan));
  DueSearch::Found found;
  do {
    const ClaimCursor::Place start = behind;
    found = work.search.find(band, line, behind, work.rows());
    behind = found.upTo;
    if (found.places.empty()) continue;
    json::Writer places;
    places.startArray();
    for (const auto& [nextRunOn, id] : found.places)
      places.startObject().member("n", nextRunOn).member("q", id).endObject();
    take(connection_.query(kLockFound, {places.endArray().text(), band.queue, band.priority}),
         work.claimLimit, work.judge, work.due);
    if (work.room() > 0) continue;
    searched_.push_back({band, line, start, false});  // others of these classes may follow at once
    return;
  } while (!found.isAll && !work.isOver());
  searched_.push_back({band, line, behind, found.isAll});
}

// Takes from these locked rows until there are enough.
std::optional<ClaimCursor::Place> Claimer::take(std::vector<Row> rows, int claimLimit, DueJudge& judge,
                                                DueTasks& to) {
  std::vector<Task> tasks;
  UnixSeconds now = 0;
  for (Row& row : rows) {
    tasks.push_back(readTask(row));
    row.into(now);
  }
  if (tasks.empty()) return std::nullopt;
  const ClaimCursor::Place last{tasks.back().nextRunOn.value_or(kUnscheduled), tasks.back().id};
  judge.learnOf(tasks);
  const int mostPutAside = to.leftToOthers + claimLimit;
  for (Task& task : tasks) {
    if (static_cast<int>(to.wanted.size()) >= claimLimit) break;
    const DueJudgement judgement = judge.judge(task, now);
    switch (judgement.verdict) {
      case DueVerdict::Claim:
        to.claim(std::move(task), context_.tokens());
        break;
      case DueVerdict::Retire:
        to.retire(task);
        break;
      case DueVerdict::Postpone:
        if (*judgement.nextRunOn <= now + 1) {
          leftToOthers_.push_back(task);
          // A further deferral would keep the task from other runners for that second.
          if (to.leftToOthers++ < mostPutAside) to.defer(task, judgement);
          break;
        }
        [[fallthrough]];
      case DueVerdict::Park:
        ++to.gone;
        to.defer(task, judgement);
        break;
    }
  }
  return last;
}

void Claimer::openRuns(int taskRunnerId, DueTasks& due, SyncResult& result) {
  const std::string rows = due.claims.endArray().text();
  std::vector<std::int64_t> ids;
  for (const Task& task : due.wanted) ids.push_back(task.id);
  connection_.execute(kMarkRunning, {Value::anyOf(std::move(ids))});
  std::vector<std::optional<ClaimedRun>> opened(due.wanted.size());
  for (Row& row : connection_.query(kOpenRuns, {taskRunnerId, rows})) {
    ClaimedRun run;
    row.into(run.owned.runId, run.owned.taskQueueId, run.attempt, run.owned.runToken);
    // A token that is not of this claim means that the task has a running run: the row's NextRunOn was out of
    // date.
    const auto place = due.ofToken.find(run.owned.runToken);
    if (place == due.ofToken.end()) continue;
    run.task = std::move(due.wanted[place->second]);
    opened[place->second] = std::move(run);
  }
  for (auto& run : opened) {
    if (run) result.claimed.push_back(std::move(*run));
  }
}

void Claimer::committed(const SyncRequest& request, const SyncResult& result) {
  for (const ClaimedRun& run : result.claimed) cursor_.claimedUpTo(run.task);
  // The order is reversed, since of several calls at once only the first counts.
  for (const Task& task : std::exchange(leftToOthers_, {}) | std::views::reverse) cursor_.passedOver(task);
  for (const Searched& searched : std::exchange(searched_, {}))
    cursor_.searchedTo(searched.band, searched.line == ClaimLine::New, searched.upTo, searched.isAll);
  for (const RunRelease& release : request.releases) {
    if (release.place) cursor_.released(*release.place);
  }
}

}  // namespace taskqueue::store
