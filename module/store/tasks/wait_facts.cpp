// Reads the facts that tell why a task waits.
#include "module/store/sql/columns.h"
#include "module/store/sql/pause_holds.h"
#include "module/store/tasks/maria_tasks.h"

namespace taskqueue::store {
namespace {

// Served by the primary key. The inner selects are served by the index Status of TaskRunners, the unique key
// RunnerHandler, and the indexes TaskRunnerId (TaskRunnerId, OpenTaskQueueId) and TaskHandlerClass.
const Sql kWaitFacts{"wait-facts", R"(
  SELECT {task_columns}, UNIX_TIMESTAMP(),
    EXISTS (
      SELECT 1 FROM {TaskQueuePauses} p WHERE p.Kind = 'all' AND p.Name = '' AND {pause_holds}
    ),
    EXISTS (
      SELECT 1 FROM {TaskQueuePauses} p WHERE p.Kind = 'queue' AND p.Name = t.Queue AND {pause_holds}
    ),
    EXISTS (
      SELECT 1
      FROM {TaskQueuePauses} p
      WHERE p.Kind = 'handler' AND p.Name = t.TaskHandlerClass AND {pause_holds}
    ),
    COALESCE(
      (SELECT l.MaxRunning FROM {TaskQueueLimits} l WHERE l.TaskHandlerClass = t.TaskHandlerClass),
      0
    ),
    COALESCE(
      (
        SELECT l.MaxRunningPerKey
        FROM {TaskQueueLimits} l
        WHERE l.TaskHandlerClass = t.TaskHandlerClass
      ),
      0
    ),
    (SELECT COUNT(*) FROM {TaskRunners} n WHERE n.Status = 'running'),
    (
      SELECT COUNT(*)
      FROM {TaskRunners} n
      WHERE n.Status = 'running' AND FIND_IN_SET(t.Queue, n.Queues COLLATE utf8mb4_nopad_bin) > 0
    ),
    (
      SELECT COUNT(*)
      FROM {TaskRunners} n
      JOIN {TaskHandlers} h
        ON h.TaskRunnerId = n.Id
        AND h.WithdrawnOn IS NULL
        AND h.TaskHandlerClass = t.TaskHandlerClass
      WHERE n.Status = 'running' AND FIND_IN_SET(t.Queue, n.Queues COLLATE utf8mb4_nopad_bin) > 0
    ),
    (
      SELECT COALESCE(SUM(n.Slots), 0)
      FROM {TaskRunners} n
      JOIN {TaskHandlers} h
        ON h.TaskRunnerId = n.Id
        AND h.WithdrawnOn IS NULL
        AND h.TaskHandlerClass = t.TaskHandlerClass
      WHERE n.Status = 'running' AND FIND_IN_SET(t.Queue, n.Queues COLLATE utf8mb4_nopad_bin) > 0
    ),
    (
      SELECT COUNT(*)
      FROM {TaskRunners} n
      JOIN {TaskHandlers} h
        ON h.TaskRunnerId = n.Id
        AND h.WithdrawnOn IS NULL
        AND h.TaskHandlerClass = t.TaskHandlerClass
      JOIN {TaskRuns} r ON r.TaskRunnerId = n.Id AND r.OpenTaskQueueId IS NOT NULL
      WHERE n.Status = 'running' AND FIND_IN_SET(t.Queue, n.Queues COLLATE utf8mb4_nopad_bin) > 0
    ),
    (
      SELECT COUNT(*)
      FROM {TaskHandlers} h
      JOIN {TaskRunners} n ON n.Id = h.TaskRunnerId AND n.Status = 'running'
      WHERE h.TaskHandlerClass = t.TaskHandlerClass AND h.WithdrawnOn IS NULL
    ),
    EXISTS (SELECT 1 FROM {TaskHandlers} h WHERE h.TaskHandlerClass = t.TaskHandlerClass),
    (
      SELECT MAX(COALESCE(h.WithdrawnOn, IF(n.Status = 'timeout', n.LastHeartbeatOn, n.FinishedOn)))
      FROM {TaskHandlers} h
      JOIN {TaskRunners} n ON n.Id = h.TaskRunnerId
      WHERE h.TaskHandlerClass = t.TaskHandlerClass
    )
  FROM {TaskQueue} t
  WHERE t.Id = ?
)"};

}  // namespace

std::optional<WaitFacts> MariaTasks::findWaitFacts(int taskId) {
  auto rows = connection_.query(kWaitFacts, {taskId});
  if (rows.empty()) return std::nullopt;
  Row& row = rows.front();
  WaitFacts facts;
  facts.task = readTask(row);
  row.into(facts.now, facts.allPaused, facts.queuePaused, facts.handlerPaused, facts.maxRunning,
           facts.maxRunningPerKey, facts.runners, facts.runnersOfQueue, facts.runnersAble, facts.slots,
           facts.slotsTaken, facts.runnersKnowing, facts.handlerWasOffered, facts.handlerOfferedUntil);
  return facts;
}

}  // namespace taskqueue::store
