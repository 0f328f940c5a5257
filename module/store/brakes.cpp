#include "module/store/brakes.h"

#include <algorithm>

#include "module/json/writer.h"
#include "module/queue/due_task.h"
#include "module/queue/pause.h"

namespace taskqueue::store {
namespace {

// Two small tables, read whole.
const Sql kBrakes{
    "brakes",
    "SELECT Kind, Name, 0 FROM {TaskQueuePauses} UNION ALL SELECT 'limit', TaskHandlerClass, MaxRunning FROM "
    "{TaskQueueLimits}"};

// Served by the unique key TaskHandlerClass.
const Sql kLockLimit{"lock-handler-limit",
                     "SELECT MaxRunning FROM {TaskQueueLimits} WHERE TaskHandlerClass = ? FOR UPDATE"};

// Served by the unique key OpenTaskQueueId: open runs only.
const Sql kRunning{
    "running-of-handler",
    "SELECT COUNT(*) FROM {TaskRuns} r FORCE INDEX (OpenTaskQueueId) STRAIGHT_JOIN {TaskQueue} t ON t.Id = "
    "r.OpenTaskQueueId WHERE r.OpenTaskQueueId IS NOT NULL AND r.Status = 'running' AND "
    "t.TaskHandlerClass = ?"};

// Served by the index TaskHandlerClass (TaskHandlerClass, ParkedReason), in its own order: the oldest first.
const Sql kAnyParked{
    "any-parked-at-limit",
    "SELECT 1 FROM {TaskQueue} FORCE INDEX (TaskHandlerClass) WHERE TaskHandlerClass = ? AND "
    "ParkedReason = ? LIMIT 1"};
const Sql kLockParked{"lock-parked-at-limit",
                      "SELECT Id FROM {TaskQueue} FORCE INDEX (TaskHandlerClass) WHERE TaskHandlerClass = ? "
                      "AND ParkedReason = ? "
                      "ORDER BY Id LIMIT ? FOR UPDATE SKIP LOCKED"};
// By Id: an UPDATE in the order of the index that it changes would sort, and lock, all that are parked.
// Served by the primary key.
const Sql kUnparkThese{
    "unpark-these",
    "UPDATE JSON_TABLE(?, '$[*]' COLUMNS (Id INT PATH '$.q')) v STRAIGHT_JOIN {TaskQueue} t FORCE "
    "INDEX (PRIMARY) ON t.Id = v.Id SET t.NextRunOn = UNIX_TIMESTAMP(), t.ParkedReason = ''"};

}  // namespace

Brakes::Brakes(Connection& connection) : connection_(connection) {
  for (Row& row : connection_.query(kBrakes)) {
    const auto kind = pauseKindOf(row.text());
    std::string name = row.text();
    if (!kind) {
      limits_[std::move(name)] = row.number();
    } else {
      (*kind == PauseKind::Queue ? pausedQueues_ : pausedHandlers_).insert(std::move(name));
    }
  }
}

int& Brakes::roomOf(const std::string& taskHandlerClass) {
  const auto known = rooms_.find(taskHandlerClass);
  if (known != rooms_.end()) return known->second;
  auto limit = connection_.query(kLockLimit, {taskHandlerClass});
  const int most = limit.empty() ? INT32_MAX : limit.front().number();
  const int running = connection_.query(kRunning, {taskHandlerClass}).at(0).number();
  return rooms_[taskHandlerClass] = std::max(0, most - running);
}

bool Brakes::take(const std::string& taskHandlerClass) {
  if (!limits_.contains(taskHandlerClass)) return true;
  int& room = roomOf(taskHandlerClass);
  if (room == 0) return false;
  --room;
  return true;
}

void Brakes::unpark(const std::vector<std::string>& classes) {
  const std::string reason = kAtLimitReason;
  for (const std::string& name : classes) {
    if (!limits_.contains(name) || connection_.query(kAnyParked, {name, reason}).empty()) continue;
    json::Writer ids;
    ids.startArray();
    for (Row& row : connection_.query(kLockParked, {name, reason, std::int64_t{roomOf(name)}})) {
      ids.startObject().member("q", row.integer()).endObject();
    }
    connection_.execute(kUnparkThese, {ids.endArray().text()});
  }
}

}  // namespace taskqueue::store
