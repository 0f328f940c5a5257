// MariaTaskStore: claiming due tasks, a part of the tick.
#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "module/json/writer.h"
#include "module/queue/due_task.h"
#include "module/store/brakes.h"
#include "module/store/columns.h"
#include "module/store/in_transaction.h"

namespace taskqueue::store {
namespace {

// The priorities of a queue and the first due time of each: a skip scan of the index Claim. Grouped by
// Priority alone MariaDB would read the queue's whole history at each tick.
const Sql kLevels{
    "levels",
    "SELECT Priority, MIN(NextRunOn), UNIX_TIMESTAMP() FROM {TaskQueue} FORCE INDEX (Claim) WHERE "
    "Queue = ? GROUP BY Queue, Priority"};

// Served by the index Claim in its own order: with a sort step InnoDB would lock the whole backlog (DESIGN
// §6).
const Sql kLockDue{"lock-due",
                   std::string("SELECT ") + kTaskColumns +
                       ", UNIX_TIMESTAMP() FROM {TaskQueue} t FORCE INDEX (Claim) WHERE t.Queue = ? "
                       "AND t.Priority = ? AND t.NextRunOn <= UNIX_TIMESTAMP() ORDER BY t.NextRunOn, "
                       "t.Id LIMIT ? FOR UPDATE SKIP LOCKED"};

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
    "SELECT v.Id, v.Id, (SELECT COALESCE(MAX(p.Attempt), 0) + 1 FROM {TaskRuns} p WHERE p.TaskQueueId = "
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
                           "h.TaskRunnerId = n.Id WHERE n.Status = 'running' AND n.Id <> ?"};

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

struct Level {
  std::string queue;
  int priority;
};

}  // namespace

std::vector<std::string> MariaTaskStore::findClassesOfOtherRunners(int taskRunnerId) {
  std::vector<std::string> classes;
  for (Row& row : connection_.query(kClassesOfOthers, {std::int64_t{taskRunnerId}}))
    classes.push_back(row.text());
  return classes;
}

void MariaTaskStore::claim(const TickRequest& request, int limit, TickResult& result) {
  if (limit <= 0) return;  // a tick that only writes
  Brakes brakes(connection_);
  brakes.unpark(request.handlers);
  std::vector<Level> dueLevels;
  for (const std::string& queue : request.queues) {
    if (brakes.isQueuePaused(queue)) continue;
    for (Row& row : connection_.query(kLevels, {queue})) {
      const int priority = row.number();
      const auto first = row.optionalInteger();
      const UnixSeconds now = row.integer();
      if (!first) continue;
      if (*first <= now) dueLevels.push_back({queue, priority});
      const std::int64_t wait = std::max<std::int64_t>(*first - now, 0);
      result.secondsUntilDue = std::min(result.secondsUntilDue.value_or(wait), wait);
    }
  }

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

  std::unordered_map<int, Task> wanted;
  json::Writer claims;
  json::Writer setAside;
  json::Writer retired;
  claims.startArray();
  setAside.startArray();
  retired.startArray();
  bool anySetAside = false;
  bool anyRetired = false;
  std::vector<int> order;
  for (const Level& level : dueLevels) {
    const int room = limit - static_cast<int>(order.size());
    if (room <= 0) break;
    for (Row& row :
         connection_.query(kLockDue, {level.queue, std::int64_t{level.priority}, std::int64_t{room}})) {
      Task task = readTask(row);
      const UnixSeconds now = row.integer();
      DueJudgement judgement = judgeDueTask(task, now, reachOf(task.taskHandlerClass));
      // A row that says that it runs was put back by somebody: opening its run tells whether it does.
      if (judgement.verdict == DueVerdict::Claim && task.lastStatus != RunStatus::Running) {
        const Brakes::Place place = brakes.take(task);
        if (place == Brakes::Place::NoneOfHandler) judgement = judgeDueTask(task, now, HandlerReach::AtLimit);
        if (place == Brakes::Place::NoneOfKey) judgement = judgeDueTask(task, now, HandlerReach::KeyAtLimit);
      }
      if (judgement.verdict == DueVerdict::Retire) {
        retired.startObject().member("q", task.id).endObject();
        anyRetired = true;
        continue;
      }
      if (judgement.verdict != DueVerdict::Claim) {
        setAside.startObject().member("q", task.id).member("n", judgement.nextRunOn);
        setAside.member("w", judgement.reason).endObject();
        anySetAside = true;
        continue;
      }
      claims.startObject().member("q", task.id).member("k", tokens_()).endObject();
      order.push_back(task.id);
      const int id = task.id;
      wanted.emplace(id, std::move(task));
    }
  }
  if (anySetAside) connection_.execute(kSetAside, {setAside.endArray().text()});
  if (anyRetired) connection_.execute(kRetire, {retired.endArray().text()});
  if (order.empty()) return;

  const std::string rows = claims.endArray().text();
  connection_.execute(kMarkRunning, {rows});
  std::unordered_map<int, ClaimedRun> opened;
  for (Row& row : connection_.query(kOpenRuns, {std::int64_t{request.taskRunnerId}, rows})) {
    ClaimedRun run;
    run.owned.runId = row.number();
    run.owned.taskQueueId = row.number();
    run.attempt = row.number();
    run.owned.runToken = row.text();
    const bool isNew = rows.find('"' + run.owned.runToken + '"') != std::string::npos;
    if (isNew) opened.emplace(run.owned.taskQueueId, std::move(run));
  }
  for (const int id : order) {
    const auto found = opened.find(id);
    if (found == opened.end()) continue;  // another run of it is open: the row's NextRunOn was out of date
    found->second.task = std::move(wanted.at(id));
    result.claimed.push_back(std::move(found->second));
  }
}

}  // namespace taskqueue::store
