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
    "SELECT Kind, Name, 0, 0 FROM {TaskQueuePauses} UNION ALL SELECT 'limit', TaskHandlerClass, MaxRunning, "
    "MaxRunningPerKey FROM {TaskQueueLimits}"};

// Served by the unique key TaskHandlerClass.
const Sql kLockLimit{"lock-handler-limit",
                     "SELECT MaxRunning, MaxRunningPerKey FROM {TaskQueueLimits} WHERE TaskHandlerClass = ? "
                     "FOR UPDATE"};

// Served by the unique key OpenTaskQueueId: open runs only.
const Sql kRunning{
    "running-of-handler",
    "SELECT COUNT(*) FROM {TaskRuns} r FORCE INDEX (OpenTaskQueueId) STRAIGHT_JOIN {TaskQueue} t ON t.Id = "
    "r.OpenTaskQueueId WHERE r.OpenTaskQueueId IS NOT NULL AND r.Status = 'running' AND "
    "t.TaskHandlerClass = ?"};
const Sql kRunningOfKey{
    "running-of-key",
    "SELECT COUNT(*) FROM {TaskRuns} r FORCE INDEX (OpenTaskQueueId) STRAIGHT_JOIN {TaskQueue} t ON t.Id = "
    "r.OpenTaskQueueId WHERE r.OpenTaskQueueId IS NOT NULL AND r.Status = 'running' AND "
    "t.TaskHandlerClass = ? AND t.ConcurrencyKey = ?"};

// The limited keys of tasks: none of a class without such a limit. Served by the primary key.
const Sql kFreedKeys{
    "freed-keys",
    "SELECT DISTINCT t.TaskHandlerClass, t.ConcurrencyKey FROM {TaskQueueLimits} l STRAIGHT_JOIN "
    "JSON_TABLE(?, '$[*]' COLUMNS (Id INT PATH '$')) v STRAIGHT_JOIN {TaskQueue} t FORCE INDEX (PRIMARY) ON "
    "t.Id = v.Id AND t.TaskHandlerClass = l.TaskHandlerClass WHERE l.MaxRunningPerKey > 0 AND "
    "t.ConcurrencyKey IS NOT NULL ORDER BY 1, 2"};

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

// How many more may run now, of the class or of one of its keys. Locks the limit.
int countRoom(Connection& connection, const std::string& taskHandlerClass,
              const std::optional<std::string>& key) {
  auto limit = connection.query(kLockLimit, {taskHandlerClass});
  if (limit.empty()) return INT32_MAX;
  const int maxRunning = limit.front().number();
  const int most = key ? limit.front().number() : maxRunning;
  if (most == 0) return INT32_MAX;
  auto counted = key ? connection.query(kRunningOfKey, {taskHandlerClass, *key})
                     : connection.query(kRunning, {taskHandlerClass});
  return std::max(0, most - counted.at(0).number());
}

bool unparkSome(Connection& connection, const std::string& taskHandlerClass, const std::string& reason,
                int room) {
  json::Writer ids;
  ids.startArray();
  bool any = false;
  for (Row& row : connection.query(kLockParked, {taskHandlerClass, reason, std::int64_t{room}})) {
    ids.startObject().member("q", row.integer()).endObject();
    any = true;
  }
  if (any) connection.execute(kUnparkThese, {ids.endArray().text()});
  return any;
}

}  // namespace

Brakes::Brakes(Connection& connection) : connection_(connection) {
  for (Row& row : connection_.query(kBrakes)) {
    const auto kind = pauseKindOf(row.text());
    std::string name = row.text();
    if (!kind) {
      const int maxRunning = row.number();
      limits_[std::move(name)] = {maxRunning, row.number()};
    } else {
      (*kind == PauseKind::Queue ? pausedQueues_ : pausedHandlers_).insert(std::move(name));
    }
  }
}

int& Brakes::roomOf(const std::string& taskHandlerClass, const std::optional<std::string>& key) {
  const auto [entry, isNew] = rooms_.try_emplace({taskHandlerClass, key}, 0);
  if (isNew) entry->second = countRoom(connection_, taskHandlerClass, key);
  return entry->second;
}

Brakes::Place Brakes::take(const Task& task) {
  const auto limit = limits_.find(task.taskHandlerClass);
  if (limit == limits_.end()) return Place::Taken;
  int* ofHandler = limit->second.maxRunning > 0 ? &roomOf(task.taskHandlerClass, std::nullopt) : nullptr;
  if (ofHandler != nullptr && *ofHandler == 0) return Place::NoneOfHandler;
  if (limit->second.maxRunningPerKey > 0 && task.concurrencyKey) {
    int& ofKey = roomOf(task.taskHandlerClass, task.concurrencyKey);
    if (ofKey == 0) return Place::NoneOfKey;
    --ofKey;
  }
  if (ofHandler != nullptr) --*ofHandler;
  return Place::Taken;
}

bool Brakes::unpark(const std::vector<std::string>& classes) {
  bool any = false;
  for (const std::string& name : classes) {
    const auto limit = limits_.find(name);
    if (limit == limits_.end() || limit->second.maxRunning == 0) continue;
    if (connection_.query(kAnyParked, {name, std::string(kAtLimitReason)}).empty()) continue;
    any = unparkSome(connection_, name, kAtLimitReason, roomOf(name, std::nullopt)) || any;
  }
  return any;
}

bool isKeyHeld(Connection& connection, const std::string& taskHandlerClass,
               const std::string& concurrencyKey) {
  return connection.query(kRunningOfKey, {taskHandlerClass, concurrencyKey}).at(0).number() > 0;
}

void unparkFreedKeys(Connection& connection, const std::vector<int>& taskIds) {
  if (taskIds.empty()) return;
  json::Writer ids;
  ids.startArray();
  for (const int id : taskIds) ids.value(id);
  for (Row& row : connection.query(kFreedKeys, {ids.endArray().text()})) {
    const std::string name = row.text();
    const std::string key = row.text();
    const int room = countRoom(connection, name, key);
    unparkSome(connection, name, keyAtLimitReason(key), room);
  }
}

}  // namespace taskqueue::store
