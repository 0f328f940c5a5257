// MariaTaskStore: pausing, and why a task waits.
#include "module/json/writer.h"
#include "module/store/columns.h"
#include "module/store/in_transaction.h"
#include "module/store/unpark_tasks.h"

namespace taskqueue::store {
namespace {

// Served by the unique key KindName.
const Sql kPause{"pause",
                 "INSERT IGNORE INTO {TaskQueuePauses} (Kind, Name, PausedOn, PausedById) VALUES (?, ?, "
                 "UNIX_TIMESTAMP(), ?)"};
const Sql kResume{"resume", "DELETE FROM {TaskQueuePauses} WHERE Kind = ? AND Name = ?"};

// Served by the unique key TaskHandlerClass.
const Sql kSetLimit{
    "set-limit",
    "INSERT INTO {TaskQueueLimits} (TaskHandlerClass, MaxRunning, ChangedOn, ChangedById) VALUES (?, ?, "
    "UNIX_TIMESTAMP(), ?) ON DUPLICATE KEY UPDATE MaxRunning = VALUES(MaxRunning), ChangedOn = "
    "VALUES(ChangedOn), ChangedById = VALUES(ChangedById)"};
const Sql kForgetLimit{"forget-limit", "DELETE FROM {TaskQueueLimits} WHERE TaskHandlerClass = ?"};

// A small table, read whole.
const Sql kFindPauses{"find-pauses",
                      "SELECT Kind, Name, PausedOn, PausedById FROM {TaskQueuePauses} ORDER BY Kind, Name"};

// Served by the primary key and, inside, by the index Status of TaskRunners, the unique key RunnerHandler and
// the index TaskRunnerId (TaskRunnerId, OpenTaskQueueId).
const Sql kWaitFacts{"wait-facts",
                     std::string("SELECT ") + kTaskColumns +
                         ", UNIX_TIMESTAMP(), EXISTS (SELECT 1 FROM {TaskQueuePauses} p WHERE p.Kind = "
                         "'queue' AND p.Name = t.Queue), "
                         "EXISTS (SELECT 1 FROM {TaskQueuePauses} p WHERE p.Kind = 'handler' AND p.Name = "
                         "t.TaskHandlerClass), "
                         "COALESCE((SELECT l.MaxRunning FROM {TaskQueueLimits} l WHERE l.TaskHandlerClass = "
                         "t.TaskHandlerClass), 0), "
                         "(SELECT COUNT(*) FROM {TaskRunners} n WHERE n.Status = 'running'), "
                         "(SELECT COUNT(*) FROM {TaskRunners} n WHERE n.Status = 'running' AND "
                         "FIND_IN_SET(t.Queue, n.Queues COLLATE "
                         "utf8mb4_nopad_bin) > 0), "
                         "(SELECT COUNT(*) FROM {TaskRunners} n JOIN {TaskHandlers} h ON h.TaskRunnerId = "
                         "n.Id AND h.TaskHandlerClass = "
                         "t.TaskHandlerClass WHERE n.Status = 'running' AND FIND_IN_SET(t.Queue, n.Queues "
                         "COLLATE utf8mb4_nopad_bin) > 0), "
                         "(SELECT COALESCE(SUM(n.Slots), 0) FROM {TaskRunners} n JOIN {TaskHandlers} h ON "
                         "h.TaskRunnerId = n.Id AND "
                         "h.TaskHandlerClass = t.TaskHandlerClass WHERE n.Status = 'running' AND "
                         "FIND_IN_SET(t.Queue, n.Queues COLLATE "
                         "utf8mb4_nopad_bin) > 0), "
                         "(SELECT COUNT(*) FROM {TaskRunners} n JOIN {TaskHandlers} h ON h.TaskRunnerId = "
                         "n.Id AND h.TaskHandlerClass = "
                         "t.TaskHandlerClass JOIN {TaskRuns} r ON r.TaskRunnerId = n.Id AND "
                         "r.OpenTaskQueueId IS NOT NULL WHERE n.Status "
                         "= 'running' AND FIND_IN_SET(t.Queue, n.Queues COLLATE utf8mb4_nopad_bin) > 0) "
                         "FROM {TaskQueue} t WHERE t.Id = ?"};

}  // namespace

bool MariaTaskStore::setPaused(PauseKind kind, std::string_view name, bool paused, int byId) {
  return inTransaction([&] {
    const std::string word(wordOf(kind));
    if (paused) return connection_.execute(kPause, {word, std::string(name), std::int64_t{byId}}) == 1;
    const bool changed = connection_.execute(kResume, {word, std::string(name)}) == 1;
    if (changed && kind == PauseKind::Handler) {
      json::Writer classes;
      classes.startArray().startObject().member("c", name).endObject().endArray();
      connection_.execute(kUnparkTasks, {classes.text()});
    }
    return changed;
  });
}

void MariaTaskStore::setHandlerLimit(std::string_view taskHandlerClass, int maxRunning, int byId) {
  inTransaction([&] {
    const std::string name(taskHandlerClass);
    if (maxRunning > 0) {
      connection_.execute(kSetLimit, {name, std::int64_t{maxRunning}, std::int64_t{byId}});
      return;
    }
    connection_.execute(kForgetLimit, {name});
    json::Writer classes;
    classes.startArray().startObject().member("c", name).endObject().endArray();
    connection_.execute(kUnparkTasks, {classes.text()});
  });
}

std::vector<Pause> MariaTaskStore::findPauses() {
  std::vector<Pause> pauses;
  for (Row& row : connection_.query(kFindPauses)) {
    const auto kind = pauseKindOf(row.text());
    if (!kind) continue;
    Pause pause;
    pause.kind = *kind;
    pause.name = row.text();
    pause.pausedOn = row.optionalInteger();
    pause.pausedById = row.number();
    pauses.push_back(std::move(pause));
  }
  return pauses;
}

std::optional<WaitFacts> MariaTaskStore::findWaitFacts(int taskId) {
  auto rows = connection_.query(kWaitFacts, {std::int64_t{taskId}});
  if (rows.empty()) return std::nullopt;
  Row& row = rows.front();
  WaitFacts facts;
  facts.task = readTask(row);
  facts.now = row.integer();
  facts.queuePaused = row.integer() == 1;
  facts.handlerPaused = row.integer() == 1;
  facts.maxRunning = row.number();
  facts.runners = row.number();
  facts.runnersOfQueue = row.number();
  facts.runnersAble = row.number();
  facts.slots = row.number();
  facts.slotsTaken = row.number();
  return facts;
}

}  // namespace taskqueue::store
