// MariaTaskStore: claiming due tasks, a part of the tick.
#include <algorithm>
#include <chrono>
#include <unordered_map>
#include <unordered_set>

#include "module/json/writer.h"
#include "module/queue/due_task.h"
#include "module/store/brakes.h"
#include "module/store/columns.h"
#include "module/store/in_transaction.h"

namespace taskqueue::store {
namespace {

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

// Served by the index Status of TaskRunners.
const Sql kClassesOfOthers{"classes-of-others",
                           "SELECT DISTINCT h.TaskHandlerClass FROM {TaskRunners} n JOIN {TaskHandlers} h ON "
                           "h.TaskRunnerId = n.Id AND h.WithdrawnOn IS NULL WHERE n.Status = 'running' "
                           "AND n.Id <> ?"};

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

std::vector<std::string> MariaTaskStore::findClassesOfOtherRunners(int taskRunnerId) {
  std::vector<std::string> classes;
  for (Row& row : connection_.query(kClassesOfOthers, {std::int64_t{taskRunnerId}}))
    classes.push_back(row.text());
  return classes;
}

// Tasks that may be claimed and tasks that may not, as JSON rows of the statements that say so.
struct MariaTaskStore::DueTasks {
  std::vector<Task> wanted;                              // in the order in which they are to be started
  std::unordered_map<std::string, std::size_t> ofToken;  // their places in `wanted`
  json::Writer claims;
  json::Writer setAside;
  json::Writer retired;
  bool anySetAside = false;
  std::vector<int> retiredIds;

  DueTasks() {
    claims.startArray();
    setAside.startArray();
    retired.startArray();
  }
};

std::optional<ClaimPositions::Look> MariaTaskStore::lookBeforeClaim(const TickRequest& request,
                                                                    TickResult& result) {
  const auto start = std::chrono::steady_clock::now();
  auto look = positions_.look(connection_, request.queues, request.claimLimit);
  if (!look.due.empty() || look.anyLimit) return look;
  if (look.fromHead) positions_.lookedFromHead(std::chrono::steady_clock::now() - start);
  result.secondsUntilDue = look.secondsUntilDue;
  return std::nullopt;
}

void MariaTaskStore::claim(const TickRequest& request, std::optional<ClaimPositions::Look> look,
                           TickResult& result) {
  const auto start = std::chrono::steady_clock::now();
  Brakes brakes(connection_);
  if (brakes.unpark(request.handlers) || !look)
    look = positions_.look(connection_, request.queues, request.claimLimit);
  std::erase_if(look->due, [&](const auto& level) { return brakes.isQueuePaused(level.queue); });
  result.secondsUntilDue = look->secondsUntilDue;
  DueTasks due;
  lockDue(request, *look, brakes, due);
  if (look->fromHead) positions_.lookedFromHead(std::chrono::steady_clock::now() - start);
  if (due.anySetAside) connection_.execute(kSetAside, {due.setAside.endArray().text()});
  if (!due.retiredIds.empty()) {
    connection_.execute(kRetire, {due.retired.endArray().text()});
    tellOfEnds(due.retiredIds);
  }
  if (!due.wanted.empty()) openRuns(request.taskRunnerId, due, result);
}

void MariaTaskStore::lockDue(const TickRequest& request, const ClaimPositions::Look& look, Brakes& brakes,
                             DueTasks& to) {
  const std::unordered_set<std::string> ours(request.handlers.begin(), request.handlers.end());
  std::optional<std::unordered_set<std::string>> others;  // looked up only when a class is not ours
  const auto reachOf = [&](const std::string& taskHandlerClass) {
    if (brakes.isHandlerPaused(taskHandlerClass)) return HandlerReach::Paused;
    if (ours.contains(taskHandlerClass)) return HandlerReach::Here;
    if (!others) {
      const auto classes = findClassesOfOtherRunners(request.taskRunnerId);
      others.emplace(classes.begin(), classes.end());
    }
    return others->contains(taskHandlerClass) ? HandlerReach::Elsewhere : HandlerReach::Nowhere;
  };
  const auto judge = [&](const Task& task, UnixSeconds now) {
    DueJudgement judgement = judgeDueTask(task, now, reachOf(task.taskHandlerClass));
    // A row that says that it runs was put back by somebody: opening its run tells whether it does.
    if (judgement.verdict != DueVerdict::Claim || task.lastStatus == RunStatus::Running) return judgement;
    const Brakes::Place place = brakes.take(task);
    if (place == Brakes::Place::NoneOfHandler) return judgeDueTask(task, now, HandlerReach::AtLimit);
    if (place == Brakes::Place::NoneOfKey) return judgeDueTask(task, now, HandlerReach::KeyAtLimit);
    return judgement;
  };

  const auto take = [&](Row& row) {
    Task task = readTask(row);
    const DueJudgement judgement = judge(task, row.integer());
    switch (judgement.verdict) {
      case DueVerdict::Claim: {
        std::string token = tokens_();
        to.claims.startObject().member("q", task.id).member("k", token).endObject();
        to.ofToken.emplace(std::move(token), to.wanted.size());
        to.wanted.push_back(std::move(task));
        break;
      }
      case DueVerdict::Retire:
        to.retired.startObject().member("q", task.id).endObject();
        to.retiredIds.push_back(task.id);
        break;
      case DueVerdict::Postpone:
      case DueVerdict::Park:
        to.setAside.startObject().member("q", task.id).member("n", judgement.nextRunOn);
        to.setAside.member("w", judgement.reason).endObject();
        to.anySetAside = true;
        break;
    }
  };
  for (const ClaimPositions::Level& level : look.due) {
    std::int64_t room = request.claimLimit - static_cast<std::int64_t>(to.wanted.size());
    if (room <= 0) return;
    const std::int64_t priority = level.priority;
    if (level.unseen > 0) {
      const std::int64_t limit = std::min(room, level.unseen);
      for (Row& row : connection_.query(kLockUnseen, {level.queue, priority, level.afterUnseenId, limit}))
        take(row);
      room -= limit;
    }
    if (!level.anyTimed || room == 0) continue;
    const auto& [nextRunOn, id] = level.after;
    for (Row& row : connection_.query(kLockDue, {level.queue, priority, nextRunOn, id, nextRunOn, room}))
      take(row);
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
