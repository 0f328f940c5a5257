// This part of MariaTaskStore enqueues tasks.
#include <algorithm>
#include <array>
#include <map>

#include "module/json/read.h"
#include "module/json/writer.h"
#include "module/store/batches.h"
#include "module/store/in_transaction.h"

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

// Rows are sent as values: taking a JSON array apart costs the server more than the rows themselves.
std::string insertTextFor(int tasks) {
  const char* const row = R"((
    ?, ?, COALESCE(?, UNIX_TIMESTAMP()), UNIX_TIMESTAMP(), ?, 'scheduled', ?, ?, ?,
    COALESCE(?, UNIX_TIMESTAMP()), ?, ?, UNIX_TIMESTAMP() + ?, ?, ?
  ))";
  std::string text = R"(
  INSERT INTO {TaskQueue} (
    TaskHandlerClass, TaskData, ScheduledOn, QueuedOn, QueuedById, LastStatus, MaxRetries, Queue,
    Priority, NextRunOn, UniqueKey, ActiveKey, UniqueUntil, ConcurrencyKey, Title
  )
  VALUES
)";
  for (int i = 0; i < tasks; ++i) text += (i == 0 ? "" : ", ") + std::string(row);
  return text + " RETURNING Id";
}

// There are statements for 1 to 8 tasks and for 64: a connection keeps each that it has used prepared.
constexpr std::size_t kFewTasks = 8;
constexpr std::size_t kManyTasks = 64;
const std::array<Sql, kFewTasks + 1> kInsertTasks{{{"insert-1-task", insertTextFor(1)},
                                                   {"insert-2-tasks", insertTextFor(2)},
                                                   {"insert-3-tasks", insertTextFor(3)},
                                                   {"insert-4-tasks", insertTextFor(4)},
                                                   {"insert-5-tasks", insertTextFor(5)},
                                                   {"insert-6-tasks", insertTextFor(6)},
                                                   {"insert-7-tasks", insertTextFor(7)},
                                                   {"insert-8-tasks", insertTextFor(kFewTasks)},
                                                   {"insert-64-tasks", insertTextFor(kManyTasks)}}};

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

// Served by the primary key. The lock waits for a COMMIT that is still under way on the broken connection: a
// row that is missing afterwards will never appear.
const Sql kFindInserted{"find-inserted", R"(
  SELECT TaskHandlerClass, TaskData
  FROM {TaskQueue} FORCE INDEX (PRIMARY)
  WHERE Id = ?
  LOCK IN SHARE MODE
)"};

constexpr const char* kPagesSource = "pages";

struct Holder {
  int id = 0;
  bool holds = false;  // false: it has succeeded, and its key no longer holds
};

// Appends the values in the order of kInsertTasks.
void addValues(const NewTask& task, std::vector<Value>& to) {
  const Value scheduledOn = valueOf(task.scheduledOn);
  const Value uniqueKey = valueOf(task.uniqueKey);
  const Value uniqueSeconds = task.uniqueSeconds > 0 ? Value(std::int64_t{task.uniqueSeconds}) : nullptr;
  to.insert(to.end(), {task.taskHandlerClass, task.taskData, scheduledOn, std::int64_t{task.queuedById},
                       std::int64_t{task.maxRetries.value_or(kDefaultMaxRetries)},
                       std::string(task.queue.value_or(kDefaultQueue)),
                       std::int64_t{task.priority.value_or(kDefaultPriority)}, scheduledOn, uniqueKey,
                       uniqueKey, uniqueSeconds, valueOf(task.concurrencyKey), task.title});
}

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

// A plain task needs nothing but its own row.
bool isPlain(const NewTask& task) {
  return !task.uniqueKey && task.notifyOn == NotifyOn::Never;
}

}  // namespace

InsertOutcome MariaTaskStore::insertTasks(std::span<const NewTask> tasks,
                                          const std::optional<IdempotencyKey>& key) {
  // The audit names the user of the pages, who must not be named for the tasks of others.
  const bool mayBeBatched = batcher_ != nullptr && tasks.size() == 1 && !key && isPlain(tasks.front()) &&
                            actor_.source != kPagesSource;
  if (!mayBeBatched) return insertApart(tasks, key);
  return batcher_->insert(
      tasks.front(), [this](std::span<const NewTask> group) { return insertApart(group, std::nullopt); });
}

InsertOutcome MariaTaskStore::insertApart(std::span<const NewTask> tasks,
                                          const std::optional<IdempotencyKey>& key) {
  constexpr int kTriesAgainstOtherWriters = 5;  // another client can take the same unique key in between
  for (int attempt = 1;; ++attempt) {
    Insertion insertion;
    try {
      inTransaction([&] { insertion = insertOnce(tasks, key); });
      return insertion.outcome;
    } catch (const Connection::CommitUnknown&) {
      if (wasCommitted(insertion)) return insertion.outcome;
      if (attempt == kTriesAgainstOtherWriters) throw;
    } catch (const StoreError& error) {
      if (error.kind() != StoreError::Kind::Conflict || attempt == kTriesAgainstOtherWriters) throw;
    }
  }
}

std::vector<AddedTask> MariaTaskStore::insertTasksWith(const std::function<std::vector<NewTask>()>& body) {
  return inTransaction([&] {
    const std::vector<NewTask> tasks = body();
    return insertOnce(tasks, std::nullopt).outcome.tasks;
  });
}

MariaTaskStore::Insertion MariaTaskStore::insertOnce(std::span<const NewTask> tasks,
                                                     const std::optional<IdempotencyKey>& key) {
  InsertOutcome outcome;
  if (key) {
    auto earlier = connection_.query(kFindRequest, {key->key});
    if (!earlier.empty()) {
      outcome.keyMisused = earlier.front().text() != key->requestHash;
      if (outcome.keyMisused) return {outcome};
      outcome.replayed = true;
      outcome.tasks = tasksOfRequest(earlier.front().text());
      return {outcome};
    }
  }

  std::map<std::string, int> taskOfKey;      // key to the task that stands for a new one
  std::map<std::string, int> replacedOfKey;  // key to the task that a new one supersedes
  if (const std::string keys = keysOf(tasks); !keys.empty()) {
    std::map<std::string, Holder> holders;
    for (Row& row : connection_.query(kFindHolders, {keys})) {
      const int id = row.number();
      std::string held = row.text();
      holders[std::move(held)] = {id, row.integer() == 1};
    }
    for (const NewTask& task : tasks) {
      const auto holder = task.uniqueKey ? holders.find(*task.uniqueKey) : holders.end();
      if (holder == holders.end()) continue;
      if (holder->second.holds && task.uniqueMode != UniqueMode::Replace) {
        taskOfKey[*task.uniqueKey] = holder->second.id;
        continue;
      }
      connection_.execute(kSupersede, {*task.uniqueKey});
      notifyCompleted({holder->second.id});
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
  const std::vector<int> inserted = insertRows(fresh);

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
  if (actor_.source == kPagesSource) {
    for (const AddedTask& added : outcome.tasks) {
      if (added.created) record("enqueue", added.id, "");
    }
  }
  if (key) connection_.execute(kInsertRequest, {key->key, key->requestHash, outcomeAsJson(outcome.tasks)});
  if (fresh.empty()) return {outcome};
  return {outcome, fresh.back(), inserted.back()};
}

std::vector<int> MariaTaskStore::insertRows(std::span<const NewTask* const> tasks) {
  std::vector<int> inserted;
  const auto sizeOfData = [](const NewTask* task) { return task->taskData.size(); };
  for (auto left : batchesOf(tasks, connection_.batchBytes(), sizeOfData)) {
    while (!left.empty()) {
      const std::size_t count = left.size() >= kManyTasks ? kManyTasks : std::min(left.size(), kFewTasks);
      const Sql& insert = kInsertTasks.at(std::min(count, kInsertTasks.size()) - 1);
      std::vector<Value> values;
      for (const NewTask* task : left.first(count)) addValues(*task, values);
      for (Row& row : connection_.query(insert, values)) inserted.push_back(row.number());
      left = left.subspan(count);
    }
  }
  subscribe(tasks, inserted);
  return inserted;
}

bool MariaTaskStore::wasCommitted(const Insertion& insertion) {
  if (insertion.lastNew == nullptr) return false;  // nothing was inserted: a repetition does no harm
  // Another transaction may draw the Id of a lost one again: the row must be the one that we wrote.
  auto rows =
      inTransaction([&] { return connection_.query(kFindInserted, {std::int64_t{insertion.lastNewId}}); });
  return !rows.empty() && rows.front().text() == insertion.lastNew->taskHandlerClass &&
         rows.front().text() == insertion.lastNew->taskData;
}

}  // namespace taskqueue::store
