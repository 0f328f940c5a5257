// MariaTaskStore: claiming due tasks, a part of the tick.
#include <algorithm>
#include <chrono>
#include <unordered_map>

#include "module/json/writer.h"
#include "module/store/columns.h"
#include "module/store/due_judge.h"
#include "module/store/in_transaction.h"

namespace taskqueue::store {
namespace {

// While tasks that cannot run stand before others, a claim locks at most this many rows of one priority's new
// tasks, and as many of its scheduled tasks.
constexpr int kMostRowsPerLine = 1000;
constexpr std::chrono::milliseconds kLongestLocking{300};  // after which a claim begins no further line

// Served by the index Claim in its own order: with a sort step InnoDB would lock the whole backlog
// (module/design/claiming.md). New rows come before the others, and are locked by a statement of their own
// (CLAIM-6).
#define TASKQUEUE_LOCK_DUE_FROM           \
  std::string("SELECT ") + kTaskColumns + \
      ", UNIX_TIMESTAMP() FROM {TaskQueue} t FORCE INDEX (Claim) WHERE t.Queue = ? AND t.Priority = ? AND "
#define TASKQUEUE_LOCK_DUE_UP_TO " ORDER BY t.NextRunOn, t.Id LIMIT ? FOR UPDATE SKIP LOCKED"
const Sql kLockUnseen{"lock-unseen",
                      TASKQUEUE_LOCK_DUE_FROM "t.NextRunOn = 0 AND t.Id > ?" TASKQUEUE_LOCK_DUE_UP_TO};
const Sql kLockDue{
    "lock-due", TASKQUEUE_LOCK_DUE_FROM
    "(t.NextRunOn = ? AND t.Id > ? OR t.NextRunOn > ?) AND t.NextRunOn <> 0 AND t.NextRunOn <= "
    "UNIX_TIMESTAMP()" TASKQUEUE_LOCK_DUE_UP_TO};
#undef TASKQUEUE_LOCK_DUE_FROM
#undef TASKQUEUE_LOCK_DUE_UP_TO

// Served by the primary key.
const Sql kMarkRunning{
    "mark-running",
    "UPDATE JSON_TABLE(?, '$[*]' COLUMNS (Id INT PATH '$.q')) v STRAIGHT_JOIN {TaskQueue} t "
    "FORCE INDEX (PRIMARY) ON t.Id = v.Id SET t.NextRunOn = NULL, t.LastStatus = 'running', "
    "t.ParkedReason = ''"};

// A fresh run, or the `scheduled` one that the overseer made. The unique key OpenTaskQueueId stops a second
// run of a task (rule 1): where one is running already, its own token comes back and nothing has changed. The
// next attempt's number is served by the index TaskQueueId (TaskQueueId, Attempt).
const Sql kOpenRuns{
    "open-runs",
    "INSERT INTO {TaskRuns} (TaskQueueId, OpenTaskQueueId, Attempt, StartedOn, Status, TaskRunnerId, "
    "RunToken) "
    "SELECT v.Id, v.Id, (SELECT LEAST(COALESCE(MAX(p.Attempt), 0), 2147483646) + 1 FROM {TaskRuns} p WHERE "
    "p.TaskQueueId = "
    "v.Id), "
    "UNIX_TIMESTAMP(), 'running', ?, v.Token FROM JSON_TABLE(?, '$[*]' COLUMNS (Id INT PATH '$.q', Token "
    "VARCHAR(32) PATH '$.k')) v "
    "ON DUPLICATE KEY UPDATE RunToken = IF(Status = 'scheduled', VALUES(RunToken), RunToken), "
    "StartedOn = IF(Status = 'scheduled', VALUES(StartedOn), StartedOn), "
    "TaskRunnerId = IF(Status = 'scheduled', VALUES(TaskRunnerId), TaskRunnerId), "
    "Status = IF(Status = 'scheduled', 'running', Status) "
    "RETURNING Id, TaskQueueId, Attempt, RunToken"};

// Served by the primary key.
const Sql kSetAside{
    "set-aside",
    "UPDATE JSON_TABLE(?, '$[*]' COLUMNS (Id INT PATH '$.q', NextRunOn BIGINT PATH '$.n', Reason "
    "VARCHAR(255) PATH '$.w')) v STRAIGHT_JOIN {TaskQueue} t FORCE INDEX (PRIMARY) ON t.Id = v.Id "
    "SET t.NextRunOn = v.NextRunOn, t.ParkedReason = v.Reason"};

// A retired task holds its unique key no longer, and the run that the overseer made for it will not come to
// pass; a running run decides both by its own end. Served by the primary key and the unique key
// OpenTaskQueueId.
const Sql kRetire{
    "retire",
    "UPDATE JSON_TABLE(?, '$[*]' COLUMNS (Id INT PATH '$.q')) v STRAIGHT_JOIN {TaskQueue} t FORCE INDEX "
    "(PRIMARY) ON t.Id = v.Id LEFT JOIN {TaskRuns} r FORCE INDEX (OpenTaskQueueId) ON r.OpenTaskQueueId "
    "= t.Id SET t.NextRunOn = NULL, t.ParkedReason = '', "
    "t.ActiveKey = IF(r.Status = 'running', t.ActiveKey, NULL), "
    "t.LastStatus = IF(r.Status = 'scheduled' OR (r.Id IS NULL AND t.LastStatus = 'scheduled'), 'cancelled', "
    "t.LastStatus), "
    "r.FinishedOn = IF(r.Status = 'scheduled', UNIX_TIMESTAMP(), r.FinishedOn), "
    "r.OpenTaskQueueId = IF(r.Status = 'scheduled', NULL, r.OpenTaskQueueId), "
    "r.Status = IF(r.Status = 'scheduled', 'cancelled', r.Status)"};

}  // namespace

// Tasks that may be claimed and tasks that may not, as JSON rows of the statements that say so.
struct MariaTaskStore::DueTasks {
  std::vector<Task> wanted;                              // in the order in which they are to be started
  std::unordered_map<std::string, std::size_t> ofToken;  // their places in `wanted`
  json::Writer claims;
  json::Writer setAside;
  json::Writer retired;
  int leftToOthers = 0;  // met and for other runners
  int gone = 0;          // of those set aside: they are not met again soon
  bool anySetAside = false;
  std::vector<int> retiredIds;

  DueTasks() {
    claims.startArray();
    setAside.startArray();
    retired.startArray();
  }

  void claim(Task task, std::string token) {
    claims.startObject().member("q", task.id).member("k", token).endObject();
    ofToken.emplace(std::move(token), wanted.size());
    wanted.push_back(std::move(task));
  }
  void retire(const Task& task) {
    retired.startObject().member("q", task.id).endObject();
    retiredIds.push_back(task.id);
  }
  void putAside(const Task& task, const DueJudgement& judgement) {
    setAside.startObject().member("q", task.id).member("n", judgement.nextRunOn);
    setAside.member("w", judgement.reason).endObject();
    anySetAside = true;
  }
};

std::optional<ClaimPositions::Look> MariaTaskStore::lookBeforeClaim(const TickRequest& request,
                                                                    TickResult& result) {
  const auto start = std::chrono::steady_clock::now();
  auto look = lookForClaim(request);
  if (!look.due.empty() || look.anyLimit) return look;
  if (look.fromHead) positions_.lookedFromHead(std::chrono::steady_clock::now() - start);
  result.secondsUntilDue = look.secondsUntilDue;
  return std::nullopt;
}

ClaimPositions::Look MariaTaskStore::lookForClaim(const TickRequest& request) {
  return positions_.look(connection_, request.queues, std::max(request.claimLimit, rowsPerLine_));
}

void MariaTaskStore::claim(const TickRequest& request, std::optional<ClaimPositions::Look> look,
                           TickResult& result) {
  const auto start = std::chrono::steady_clock::now();
  leftToOthers_.clear();
  Brakes brakes(connection_, request.queues, request.handlers);
  if (brakes.unpark(request.handlers) || !look) look = lookForClaim(request);
  std::erase_if(look->due, [&](const auto& level) { return brakes.isQueuePaused(level.queue); });
  result.secondsUntilDue = look->secondsUntilDue;
  DueTasks due;
  DueJudge judge(connection_, request, brakes);
  lockDue(request, *look, judge, due);
  if (look->fromHead) positions_.lookedFromHead(std::chrono::steady_clock::now() - start);
  if (due.anySetAside) connection_.execute(kSetAside, {due.setAside.endArray().text()});
  if (!due.retiredIds.empty()) {
    connection_.execute(kRetire, {due.retired.endArray().text()});
    tellOfEnds(due.retiredIds);
  }
  setRowsPerLine(request, due);
  if (!due.wanted.empty()) openRuns(request.taskRunnerId, due, result);
}

// Where most rows were not for this runner, the next claim looks at twice as many.
void MariaTaskStore::setRowsPerLine(const TickRequest& request, const DueTasks& due) {
  const std::size_t gone = static_cast<std::size_t>(due.gone + due.leftToOthers) + due.retiredIds.size();
  const int least = 2 * request.claimLimit;
  if (gone > due.wanted.size()) {
    rowsPerLine_ = std::min(std::max(2 * rowsPerLine_, least), kMostRowsPerLine);
  } else {
    rowsPerLine_ = rowsPerLine_ / 2 < least ? 0 : rowsPerLine_ / 2;
  }
}

void MariaTaskStore::lockDue(const TickRequest& request, const ClaimPositions::Look& look, DueJudge& judge,
                             DueTasks& to) {
  const auto end = std::chrono::steady_clock::now() + kLongestLocking;
  const auto room = [&] { return request.claimLimit - static_cast<std::int64_t>(to.wanted.size()); };
  const auto rows = [&] { return std::max(room(), std::int64_t{rowsPerLine_}); };
  for (const ClaimPositions::Level& level : look.due) {
    if (room() <= 0 || std::chrono::steady_clock::now() >= end) return;
    const std::int64_t priority = level.priority;
    if (level.unseen > 0) {
      take(connection_.query(kLockUnseen,
                             {level.queue, priority, level.afterUnseenId, std::min(rows(), level.unseen)}),
           request.claimLimit, judge, to);
    }
    if (!level.anyTimed || room() == 0) continue;
    const auto& [nextRunOn, id] = level.after;
    take(connection_.query(kLockDue, {level.queue, priority, nextRunOn, id, nextRunOn, rows()}),
         request.claimLimit, judge, to);
  }
}

// Takes from these locked rows until there are enough.
void MariaTaskStore::take(std::vector<Row> rows, int claimLimit, DueJudge& judge, DueTasks& to) {
  std::vector<Task> tasks;
  UnixSeconds now = 0;
  for (Row& row : rows) {
    tasks.push_back(readTask(row));
    now = row.integer();
  }
  judge.learnOf(tasks);
  const int mostPutAside = to.leftToOthers + claimLimit;
  for (Task& task : tasks) {
    if (static_cast<int>(to.wanted.size()) >= claimLimit) return;
    const DueJudgement judgement = judge.judge(task, now);
    switch (judgement.verdict) {
      case DueVerdict::Claim:
        to.claim(std::move(task), tokens_());
        break;
      case DueVerdict::Retire:
        to.retire(task);
        break;
      case DueVerdict::Postpone:
        if (*judgement.nextRunOn <= now + 1) {
          leftToOthers_.push_back(task);
          // More of them would be kept from the others for that second.
          if (to.leftToOthers++ < mostPutAside) to.putAside(task, judgement);
          break;
        }
        [[fallthrough]];
      case DueVerdict::Park:
        ++to.gone;
        to.putAside(task, judgement);
        break;
    }
  }
}

void MariaTaskStore::openRuns(int taskRunnerId, DueTasks& due, TickResult& result) {
  const std::string rows = due.claims.endArray().text();
  connection_.execute(kMarkRunning, {rows});
  std::vector<std::optional<ClaimedRun>> opened(due.wanted.size());
  for (Row& row : connection_.query(kOpenRuns, {std::int64_t{taskRunnerId}, rows})) {
    ClaimedRun run;
    run.owned.runId = row.number();
    run.owned.taskQueueId = row.number();
    run.attempt = row.number();
    run.owned.runToken = row.text();
    // Another token: a run of it is open already, and the row's NextRunOn was out of date.
    const auto place = due.ofToken.find(run.owned.runToken);
    if (place == due.ofToken.end()) continue;
    run.task = std::move(due.wanted[place->second]);
    opened[place->second] = std::move(run);
  }
  for (auto& run : opened) {
    if (run) result.claimed.push_back(std::move(*run));
  }
}

}  // namespace taskqueue::store
