#include "module/store/claim/concurrency_limits.h"

#include <algorithm>

#include "module/json/writer.h"
#include "module/queue/due_task.h"
#include "module/queue/pause.h"
#include "module/store/sql/pause_holds.h"

namespace taskqueue::store {
namespace {

// Both tables are usually small.
const Sql kPausesAndLimits{"pauses-and-limits", R"(
  (SELECT p.Kind, p.Name, 0, 0 FROM {TaskQueuePauses} p WHERE {pause_holds} LIMIT ?)
  UNION ALL (
    SELECT 'limit', TaskHandlerClass, MaxRunning, MaxRunningPerKey FROM {TaskQueueLimits} LIMIT ?
  )
)"};
// Served by the unique keys KindName and TaskHandlerClass.
const Sql kPausesAndLimitsOf{"pauses-and-limits-of", R"(
  SELECT p.Kind, p.Name, 0, 0
  FROM JSON_TABLE(?, '$[*]' COLUMNS (Kind VARCHAR(20) PATH '$.k', Name VARCHAR(255) PATH '$.n')) v
  STRAIGHT_JOIN {TaskQueuePauses} p FORCE INDEX (KindName)
    ON p.Kind = v.Kind
    AND p.Name = v.Name COLLATE utf8mb4_nopad_bin
    AND {pause_holds}
  UNION ALL
  SELECT 'limit', l.TaskHandlerClass, l.MaxRunning, l.MaxRunningPerKey
  FROM JSON_TABLE(?, '$[*]' COLUMNS (Kind VARCHAR(20) PATH '$.k', Name VARCHAR(255) PATH '$.n')) v
  STRAIGHT_JOIN {TaskQueueLimits} l FORCE INDEX (TaskHandlerClass)
    ON l.TaskHandlerClass = v.Name COLLATE utf8mb4_nopad_bin
  WHERE v.Kind = 'handler'
)"};

// Served by the unique key TaskHandlerClass.
const Sql kLockLimit{"lock-handler-limit", R"(
  SELECT MaxRunning, MaxRunningPerKey
  FROM {TaskQueueLimits}
  WHERE TaskHandlerClass = ?
  FOR UPDATE
)"};

// Served by the unique key OpenTaskQueueId: open runs only.
const Sql kRunningOfHandler{"running-of-handler", R"(
  SELECT COUNT(*)
  FROM {TaskRuns} r FORCE INDEX (OpenTaskQueueId)
  STRAIGHT_JOIN {TaskQueue} t ON t.Id = r.OpenTaskQueueId
  WHERE r.OpenTaskQueueId IS NOT NULL
    AND r.Status = 'running'
    AND t.TaskHandlerClass = ?
)"};
// Counts the running runs of each ConcurrencyKey of the handler.
const Sql kRunningByKey{"running-by-key", R"(
  SELECT t.ConcurrencyKey, COUNT(*)
  FROM {TaskRuns} r FORCE INDEX (OpenTaskQueueId)
  STRAIGHT_JOIN {TaskQueue} t ON t.Id = r.OpenTaskQueueId
  WHERE r.OpenTaskQueueId IS NOT NULL
    AND r.Status = 'running'
    AND t.TaskHandlerClass = ?
    AND t.ConcurrencyKey IS NOT NULL
  GROUP BY t.ConcurrencyKey
)"};
const Sql kRunningOfKey{"running-of-key", R"(
  SELECT COUNT(*)
  FROM {TaskRuns} r FORCE INDEX (OpenTaskQueueId)
  STRAIGHT_JOIN {TaskQueue} t ON t.Id = r.OpenTaskQueueId
  WHERE r.OpenTaskQueueId IS NOT NULL
    AND r.Status = 'running'
    AND t.TaskHandlerClass = ?
    AND t.ConcurrencyKey = ?
)"};

// Finds the ConcurrencyKeys of these tasks whose handlers limit runs per key. Served by the primary key.
const Sql kFreedKeys{"freed-keys", R"(
  SELECT DISTINCT t.TaskHandlerClass, t.ConcurrencyKey
  FROM {TaskQueueLimits} l
  STRAIGHT_JOIN JSON_TABLE(?, '$[*]' COLUMNS (Id INT PATH '$')) v
  STRAIGHT_JOIN {TaskQueue} t FORCE INDEX (PRIMARY)
    ON t.Id = v.Id
    AND t.TaskHandlerClass = l.TaskHandlerClass
  WHERE l.MaxRunningPerKey > 0 AND t.ConcurrencyKey IS NOT NULL
  ORDER BY 1, 2
)"};

// Served by the index TaskHandlerClass (TaskHandlerClass, ParkedReason) in its own order: the oldest first.
const Sql kAnyParked{"any-parked-at-limit", R"(
  SELECT 1
  FROM {TaskQueue} FORCE INDEX (TaskHandlerClass)
  WHERE TaskHandlerClass = ? AND ParkedReason = ?
  LIMIT 1
)"};
const Sql kLockParked{"lock-parked-at-limit", R"(
  SELECT Id
  FROM {TaskQueue} FORCE INDEX (TaskHandlerClass)
  WHERE TaskHandlerClass = ? AND ParkedReason = ?
  ORDER BY Id
  LIMIT ?
  FOR UPDATE SKIP LOCKED
)"};
// Updates by Id: an UPDATE in the order of the index that it changes would sort, and lock, all parked tasks.
// Served by the primary key.
const Sql kUnparkThese{"unpark-these", R"(
  UPDATE JSON_TABLE(?, '$[*]' COLUMNS (Id INT PATH '$.q')) v
  STRAIGHT_JOIN {TaskQueue} t FORCE INDEX (PRIMARY) ON t.Id = v.Id
  SET t.NextRunOn = UNIX_TIMESTAMP(), t.ParkedReason = ''
)"};

struct LockedLimit {
  int maxRunning = 0;  // 0: no limit
  int maxRunningPerKey = 0;
};

// Locks the limit: no other transaction counts the room of the class until this one has ended.
LockedLimit lockLimit(Connection& connection, const std::string& taskHandlerClass) {
  auto rows = connection.query(kLockLimit, {taskHandlerClass});
  LockedLimit limit;
  if (rows.empty()) return limit;
  rows.front().into(limit.maxRunning, limit.maxRunningPerKey);
  return limit;
}

int roomLeft(int max, int running) {
  return max == 0 ? INT32_MAX : std::max(0, max - running);
}

// Returns the number of running runs of each key that has any.
std::map<std::string, int> countByKey(Connection& connection, const std::string& taskHandlerClass) {
  std::map<std::string, int> running;
  for (Row& row : connection.query(kRunningByKey, {taskHandlerClass})) {
    const auto [key, runs] = row.as<std::string, int>();
    running[key] = runs;
  }
  return running;
}

bool unparkSome(Connection& connection, const std::string& taskHandlerClass, const std::string& reason,
                int available) {
  json::Writer ids;
  ids.startArray();
  bool any = false;
  for (Row& row : connection.query(kLockParked, {taskHandlerClass, reason, available})) {
    ids.startObject().member("q", row.as<int>()).endObject();
    any = true;
  }
  if (any) connection.execute(kUnparkThese, {ids.endArray().text()});
  return any;
}

}  // namespace

ConcurrencyLimits::ConcurrencyLimits(Connection& connection, const std::vector<std::string>& queues,
                                     const std::vector<std::string>& classes)
    : connection_(connection) {
  auto rows = connection_.query(kPausesAndLimits, {kMaxRead + 1, kMaxRead + 1});
  allRead_ = static_cast<std::int64_t>(rows.size()) <= kMaxRead;
  read(std::move(rows));
  if (!allRead_) readOf(queues, classes);
}

void ConcurrencyLimits::read(std::vector<Row> rows) {
  for (Row& row : rows) {
    const auto [word, name, maxRunning, maxRunningPerKey] = row.as<std::string, std::string, int, int>();
    const auto kind = parsePauseKind(word);
    if (!kind) {
      limits_[name] = {maxRunning, maxRunningPerKey};
    } else if (*kind == PauseKind::All) {
      areAllPaused_ = true;
    } else {
      (*kind == PauseKind::Queue ? pausedQueues_ : pausedHandlers_).insert(name);
    }
  }
}

void ConcurrencyLimits::readOf(std::span<const std::string> queues, std::span<const std::string> classes) {
  json::Writer names;
  names.startArray();
  const auto add = [&names](PauseKind kind, const std::string& name) {
    names.startObject().member("k", toString(kind)).member("n", name).endObject();
  };
  add(PauseKind::All, "");
  for (const std::string& name : queues) add(PauseKind::Queue, name);
  for (const std::string& name : classes) add(PauseKind::Handler, name);
  const std::string text = names.endArray().text();
  read(connection_.query(kPausesAndLimitsOf, {text, text}));
}

void ConcurrencyLimits::learnOf(const std::unordered_set<std::string>& classes) {
  if (!allRead_ && !classes.empty()) readOf({}, std::vector<std::string>(classes.begin(), classes.end()));
}

int& ConcurrencyLimits::availableFor(const std::string& taskHandlerClass) {
  const auto [entry, isNew] = available_.try_emplace(taskHandlerClass, 0);
  if (isNew) {
    const int max = lockLimit(connection_, taskHandlerClass).maxRunning;
    entry->second = roomLeft(max, connection_.query(kRunningOfHandler, {taskHandlerClass}).at(0).as<int>());
  }
  return entry->second;
}

int& ConcurrencyLimits::availableForKey(const std::string& taskHandlerClass, const std::string& key) {
  const auto [keys, isNew] = keyRooms_.try_emplace(taskHandlerClass);
  if (isNew) {
    keys->second.max = lockLimit(connection_, taskHandlerClass).maxRunningPerKey;
    for (const auto& [name, running] : countByKey(connection_, taskHandlerClass))
      keys->second.rooms[name] = roomLeft(keys->second.max, running);
  }
  const int whole = roomLeft(keys->second.max, 0);
  return keys->second.rooms.try_emplace(key, whole).first->second;
}

ConcurrencyLimits::Admission ConcurrencyLimits::admit(const Task& task) {
  const auto limit = limits_.find(task.taskHandlerClass);
  if (limit == limits_.end()) return Admission::Admitted;
  int* ofHandler = limit->second.maxRunning > 0 ? &availableFor(task.taskHandlerClass) : nullptr;
  if (ofHandler != nullptr && *ofHandler == 0) return Admission::HandlerFull;
  if (limit->second.maxRunningPerKey > 0 && task.concurrencyKey) {
    int& ofKey = availableForKey(task.taskHandlerClass, *task.concurrencyKey);
    if (ofKey == 0) return Admission::KeyFull;
    --ofKey;
  }
  if (ofHandler != nullptr) --*ofHandler;
  return Admission::Admitted;
}

bool ConcurrencyLimits::unpark(const std::vector<std::string>& classes) {
  bool any = false;
  for (const std::string& name : classes) {
    const auto limit = limits_.find(name);
    if (limit == limits_.end() || limit->second.maxRunning == 0) continue;
    if (connection_.query(kAnyParked, {name, std::string(kAtLimitReason)}).empty()) continue;
    any = unparkSome(connection_, name, kAtLimitReason, availableFor(name)) || any;
  }
  return any;
}

bool isKeyHeld(Connection& connection, const std::string& taskHandlerClass,
               const std::string& concurrencyKey) {
  return connection.query(kRunningOfKey, {taskHandlerClass, concurrencyKey}).at(0).as<int>() > 0;
}

void unparkFreedKeys(Connection& connection, const std::vector<int>& taskIds) {
  if (taskIds.empty()) return;
  json::Writer ids;
  ids.startArray();
  for (const int id : taskIds) ids.value(id);
  std::optional<std::string> counted;  // `limit` and `running` belong to this class; rows are sorted by class
  LockedLimit limit;
  std::map<std::string, int> running;
  for (Row& row : connection.query(kFreedKeys, {ids.endArray().text()})) {
    const auto [name, key] = row.as<std::string, std::string>();
    if (name != counted) {
      limit = lockLimit(connection, name);
      running = countByKey(connection, name);
      counted = name;
    }
    unparkSome(connection, name, keyAtLimitReason(key), roomLeft(limit.maxRunningPerKey, running[key]));
  }
}

}  // namespace taskqueue::store
