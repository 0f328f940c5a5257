// MariaTaskStore: enqueueing.
#include <map>

#include "module/json/read.h"
#include "module/json/writer.h"
#include "module/store/in_transaction.h"
#include "module/store/portions.h"

namespace taskqueue::store {
namespace {

// Who holds these keys; of a task that has succeeded, whether its key lasts still. Served by the unique key
// ActiveKey.
const Sql kFindHolders{
    "find-holders",
    "SELECT t.Id, t.ActiveKey, t.LastStatus <> 'success' OR COALESCE(t.UniqueUntil, 0) > UNIX_TIMESTAMP() "
    "FROM JSON_TABLE(?, '$[*]' COLUMNS (UniqueKey VARCHAR(190) PATH "
    "'$')) v STRAIGHT_JOIN {TaskQueue} t FORCE INDEX (ActiveKey) ON t.ActiveKey = v.UniqueKey "
    "COLLATE utf8mb4_nopad_bin FOR UPDATE"};

// A holder gives way: what waits is cancelled, what runs is not tried again, what has succeeded only loses
// the key. Served by the unique keys ActiveKey and OpenTaskQueueId.
const Sql kGiveWay{
    "give-way",
    "UPDATE {TaskQueue} t FORCE INDEX (ActiveKey) LEFT JOIN {TaskRuns} r FORCE INDEX (OpenTaskQueueId) ON "
    "r.OpenTaskQueueId = t.Id SET t.Superseded = IF(t.LastStatus = 'success', t.Superseded, 1), "
    "t.NextRunOn = NULL, t.ParkedReason = '', t.ActiveKey = NULL, "
    "t.LastStatus = IF(t.LastStatus = 'success' OR r.Status = 'running', t.LastStatus, 'cancelled'), "
    "r.FinishedOn = IF(r.Status = 'scheduled', UNIX_TIMESTAMP(), r.FinishedOn), "
    "r.OpenTaskQueueId = IF(r.Status = 'scheduled', NULL, r.OpenTaskQueueId), "
    "r.Status = IF(r.Status = 'scheduled', 'cancelled', r.Status) WHERE t.ActiveKey = ?"};

const Sql kInsertTasks{
    "insert-tasks",
    "INSERT INTO {TaskQueue} (TaskHandlerClass, TaskData, ScheduledOn, QueuedOn, QueuedById, LastStatus, "
    "MaxRetries, Queue, Priority, NextRunOn, UniqueKey, ActiveKey, UniqueUntil, ConcurrencyKey, Title) "
    "SELECT v.TaskHandlerClass, v.TaskData, COALESCE(v.ScheduledOn, UNIX_TIMESTAMP()), UNIX_TIMESTAMP(), "
    "v.QueuedById, 'scheduled', v.MaxRetries, v.Queue, v.Priority, COALESCE(v.ScheduledOn, "
    "UNIX_TIMESTAMP()), "
    "v.UniqueKey, v.UniqueKey, IF(v.UniqueSeconds > 0, UNIX_TIMESTAMP() + v.UniqueSeconds, NULL), "
    "v.ConcurrencyKey, v.Title "
    "FROM JSON_TABLE(?, '$[*]' COLUMNS (TaskHandlerClass VARCHAR(255) PATH '$.c', TaskData LONGTEXT PATH "
    "'$.d', "
    "ScheduledOn INT PATH '$.s', QueuedById INT PATH '$.b', MaxRetries INT PATH '$.m', Queue VARCHAR(64) "
    "PATH "
    "'$.q', Priority INT PATH '$.p', UniqueKey VARCHAR(190) PATH '$.u', UniqueSeconds INT PATH '$.us', "
    "ConcurrencyKey VARCHAR(190) PATH '$.ck', Title VARCHAR(255) PATH '$.t')) v RETURNING Id"};

// Served by the unique key IdempotencyKey.
const Sql kFindRequest{"find-request",
                       "SELECT RequestHash, TaskQueueIds FROM {TaskQueueRequests} WHERE IdempotencyKey = ?"};

const Sql kInsertRequest{
    "insert-request",
    "INSERT INTO {TaskQueueRequests} (IdempotencyKey, RequestHash, TaskQueueIds, CreatedOn) "
    "VALUES (?, ?, ?, UNIX_TIMESTAMP())"};

// Served by the primary key. The lock waits for a COMMIT that is still under way on the broken connection: a
// row that is not there after it never will be.
const Sql kFindInserted{
    "find-inserted",
    "SELECT TaskHandlerClass, TaskData FROM {TaskQueue} FORCE INDEX (PRIMARY) WHERE Id = ? LOCK IN "
    "SHARE MODE"};

struct Holder {
  int id = 0;
  bool holds = false;  // false: it has succeeded, and its key lasts no longer
};

std::string rowsOf(std::span<const NewTask* const> tasks) {
  json::Writer rows;
  rows.startArray();
  for (const NewTask* task : tasks) {
    rows.startObject().member("c", task->taskHandlerClass).member("d", task->taskData);
    rows.member("s", task->scheduledOn).member("b", task->queuedById);
    rows.member("m", task->maxRetries.value_or(kDefaultMaxRetries));
    rows.member("q", task->queue.value_or(kDefaultQueue))
        .member("p", task->priority.value_or(kDefaultPriority));
    rows.member("u", task->uniqueKey).member("us", task->uniqueSeconds).member("ck", task->concurrencyKey);
    rows.member("t", task->title).endObject();
  }
  return rows.endArray().text();
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

// What a request is answered with, for when it comes again: a number is a task that it made; [Id, REPLACED]
// one that another gave way to; [Id] one that stood for it.
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
      json::read(stored, {.bytes = INT64_MAX, .depth = 2, .members = INT32_MAX});  // we wrote it
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

InsertOutcome MariaTaskStore::insertTasks(std::span<const NewTask> tasks,
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

  std::map<std::string, int> taskOfKey;      // that stands for a new one
  std::map<std::string, int> replacedOfKey;  // that gives way to it
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
      connection_.execute(kGiveWay, {*task.uniqueKey});
      tellOfEnds({holder->second.id});
      if (holder->second.holds) replacedOfKey[*task.uniqueKey] = holder->second.id;
      holders.erase(holder);
    }
  }

  // The same key twice in one request: the first makes the task, the others stand for it.
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
  if (actor_.source == "pages") {
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
  for (const auto portion : portionsOf(tasks, sizeOfData)) {
    for (Row& row : connection_.query(kInsertTasks, {rowsOf(portion)})) inserted.push_back(row.number());
  }
  askToBeTold(tasks, inserted);
  return inserted;
}

bool MariaTaskStore::wasCommitted(const Insertion& insertion) {
  if (insertion.lastNew == nullptr) return false;  // nothing was inserted: asking again does no harm
  // The Id of a lost transaction can be drawn again by somebody else: the row must be the one that we wrote.
  auto rows =
      inTransaction([&] { return connection_.query(kFindInserted, {std::int64_t{insertion.lastNewId}}); });
  return !rows.empty() && rows.front().text() == insertion.lastNew->taskHandlerClass &&
         rows.front().text() == insertion.lastNew->taskData;
}

}  // namespace taskqueue::store
