#include "module/store/tasks/task_insertion.h"

#include <map>

#include "module/json/read.h"
#include "module/json/writer.h"
#include "module/store/runners/completion_notices.h"
#include "module/store/tasks/task_rows.h"

namespace taskqueue::store {
namespace {

// Finds the tasks that hold these keys, and whether the key of a succeeded task still holds. Served by the
// unique key ActiveKey.
const Sql kFindHolders{"find-holders", R"(
  SELECT t.Id, t.ActiveKey,
    t.LastStatus <> 'success' OR COALESCE(t.UniqueUntil, 0) > UNIX_TIMESTAMP()
  FROM JSON_TABLE(?, '$[*]' COLUMNS (UniqueKey VARCHAR(190) PATH '$')) v
  STRAIGHT_JOIN {TaskQueue} t FORCE INDEX (ActiveKey)
    ON t.ActiveKey = v.UniqueKey COLLATE utf8mb4_nopad_bin
  FOR UPDATE
)"};

// Supersedes the holder: a waiting task is cancelled, a running one is not tried again, and a succeeded one
// only loses the key. Served by the unique keys ActiveKey and OpenTaskQueueId.
const Sql kSupersede{"supersede", R"(
  UPDATE {TaskQueue} t FORCE INDEX (ActiveKey)
  LEFT JOIN {TaskRuns} r FORCE INDEX (OpenTaskQueueId) ON r.OpenTaskQueueId = t.Id
  SET
    t.Superseded = IF(t.LastStatus = 'success', t.Superseded, 1),
    t.NextRunOn = NULL,
    t.ParkedReason = '',
    t.ActiveKey = NULL,
    t.LastStatus = IF(t.LastStatus = 'success' OR r.Status = 'running', t.LastStatus, 'cancelled'),
    r.FinishedOn = IF(r.Status = 'scheduled', UNIX_TIMESTAMP(), r.FinishedOn),
    r.OpenTaskQueueId = IF(r.Status = 'scheduled', NULL, r.OpenTaskQueueId),
    r.Status = IF(r.Status = 'scheduled', 'cancelled', r.Status)
  WHERE t.ActiveKey = ?
)"};

// Served by the unique key IdempotencyKey.
const Sql kFindRequest{"find-request", R"(
  SELECT RequestHash, TaskQueueIds
  FROM {TaskQueueRequests}
  WHERE IdempotencyKey = ?
)"};

const Sql kInsertRequest{"insert-request", R"(
  INSERT INTO {TaskQueueRequests} (IdempotencyKey, RequestHash, TaskQueueIds, CreatedOn)
  VALUES (?, ?, ?, UNIX_TIMESTAMP())
)"};

struct Holder {
  int id = 0;
  bool holds = false;  // false: it has succeeded, and its key no longer holds
};

std::string keysOf(std::span<const NewTask> tasks) {
  json::Writer keys;
  keys.startArray();
  bool any = false;
  for (const NewTask& task : tasks) {
    if (!task.uniqueKey) continue;
    keys.value(*task.uniqueKey);
    any = true;
  }
  keys.endArray();
  return any ? keys.text() : "";
}

// The stored answer for a repeated Idempotency-Key: `5` created task 5; `[5,3]` task 5 superseded task 3;
// `[5]` task 5 already existed.
std::string outcomeAsJson(const std::vector<AddedTask>& tasks) {
  json::Writer to;
  to.startArray();
  for (const AddedTask& task : tasks) {
    const bool isPlain = task.created && !task.replacedId;
    if (!isPlain) to.startArray();
    to.value(task.id);
    if (task.replacedId) to.value(*task.replacedId);
    if (!isPlain) to.endArray();
  }
  return to.endArray().text();
}

std::vector<AddedTask> tasksOfRequest(const std::string& stored) {
  std::vector<AddedTask> tasks;
  const auto parsed =
      json::read(stored, {.bytes = INT64_MAX, .depth = 2, .members = INT32_MAX});  // this file wrote it
  const auto* document = std::get_if<json::Document>(&parsed);
  if (document == nullptr || !document->IsArray()) return tasks;
  for (const auto& task : document->GetArray()) {
    if (!task.IsArray()) {
      tasks.push_back({task.GetInt()});
    } else if (task.Size() == 1) {
      tasks.push_back({task[0].GetInt(), false});
    } else {
      tasks.push_back({task[0].GetInt(), true, task[1].GetInt()});
    }
  }
  return tasks;
}

}  // namespace

Insertion insertOnce(StoreContext& context, std::span<const NewTask> tasks,
                     const std::optional<IdempotencyKey>& key) {
  Connection& connection = context.connection;
  InsertOutcome outcome;
  if (key) {
    auto earlier = connection.query(kFindRequest, {key->key});
    if (!earlier.empty()) {
      const auto [requestHash, taskIds] = earlier.front().as<std::string, std::string>();
      outcome.keyMisused = requestHash != key->requestHash;
      if (outcome.keyMisused) return {outcome};
      outcome.replayed = true;
      outcome.tasks = tasksOfRequest(taskIds);
      return {outcome};
    }
  }

  std::map<std::string, int> taskOfKey;      // key to the task that stands for a new one
  std::map<std::string, int> replacedOfKey;  // key to the task that a new one supersedes
  if (const std::string keys = keysOf(tasks); !keys.empty()) {
    std::map<std::string, Holder> holders;
    for (Row& row : connection.query(kFindHolders, {keys})) {
      const auto [id, held, holds] = row.as<int, std::string, bool>();
      holders[held] = {id, holds};
    }
    for (const NewTask& task : tasks) {
      const auto holder = task.uniqueKey ? holders.find(*task.uniqueKey) : holders.end();
      if (holder == holders.end()) continue;
      if (holder->second.holds && task.uniqueMode != UniqueMode::Replace) {
        taskOfKey[*task.uniqueKey] = holder->second.id;
        continue;
      }
      connection.execute(kSupersede, {*task.uniqueKey});
      notifyCompleted(connection, {holder->second.id});
      if (holder->second.holds) replacedOfKey[*task.uniqueKey] = holder->second.id;
      holders.erase(holder);
    }
  }

  // If a request has the same key twice, the first makes the task, and the others return it.
  std::vector<const NewTask*> fresh;
  std::map<std::string, std::size_t> freshOfKey;
  for (const NewTask& task : tasks) {
    if (task.uniqueKey) {
      if (taskOfKey.contains(*task.uniqueKey)) continue;
      if (!freshOfKey.emplace(*task.uniqueKey, fresh.size()).second) continue;
    }
    fresh.push_back(&task);
  }
  const std::vector<int> inserted = insertRows(connection, fresh);

  std::size_t next = 0;
  for (const NewTask& task : tasks) {
    if (task.uniqueKey && taskOfKey.contains(*task.uniqueKey)) {
      outcome.tasks.push_back({taskOfKey.at(*task.uniqueKey), false});
    } else if (task.uniqueKey && freshOfKey.at(*task.uniqueKey) < next) {
      outcome.tasks.push_back({inserted.at(freshOfKey.at(*task.uniqueKey)), false});
    } else {
      const auto replaced = task.uniqueKey ? replacedOfKey.find(*task.uniqueKey) : replacedOfKey.end();
      outcome.tasks.push_back(
          {inserted.at(next++), true,
           replaced == replacedOfKey.end() ? std::nullopt : std::optional(replaced->second)});
    }
  }
  for (std::size_t i = 0; i < outcome.tasks.size(); ++i) {
    const bool isBulk = isBulkHandler(tasks[i].taskHandlerClass);
    if (!outcome.tasks[i].created || (context.actor.source != kPagesSource && !isBulk)) continue;
    context.record("enqueue", outcome.tasks[i].id, "", describeEnqueue(tasks[i]));
  }
  if (key) connection.execute(kInsertRequest, {key->key, key->requestHash, outcomeAsJson(outcome.tasks)});
  if (fresh.empty()) return {outcome};
  return {outcome, fresh.back(), inserted.back()};
}

}  // namespace taskqueue::store
