// Claims tasks that a wake-up names by their Ids.
#include <set>

#include "module/store/claim/due_tasks.h"
#include "module/store/sql/columns.h"

namespace taskqueue::store {
namespace {

// Due tasks of these Ids, queues and classes, and whether a pause or a limit may hold them back. Brakes are
// read without locks. The inner SELECT locks nothing either: a lock on a task of others would hide it from
// them. Its LIMIT, the most Ids of a wake-up, keeps the optimizer from merging it into the outer one. The
// runner's row comes first, in the order in which the rescue locks. Served by the primary keys and the unique
// keys KindName and TaskHandlerClass.
const Sql kLockNamed{"lock-named", R"(
  SELECT {task_columns}, UNIX_TIMESTAMP(),
    EXISTS (
      SELECT 1 FROM {TaskQueuePauses} p
      WHERE p.Kind = 'queue' AND p.Name = t.Queue COLLATE utf8mb4_nopad_bin
    )
    OR EXISTS (
      SELECT 1 FROM {TaskQueuePauses} p
      WHERE p.Kind = 'all' AND p.Name = ''
    )
    OR EXISTS (
      SELECT 1 FROM {TaskQueuePauses} p
      WHERE p.Kind = 'handler' AND p.Name = t.TaskHandlerClass COLLATE utf8mb4_nopad_bin
    )
    OR EXISTS (
      SELECT 1 FROM {TaskQueueLimits} l
      WHERE l.TaskHandlerClass = t.TaskHandlerClass COLLATE utf8mb4_nopad_bin
    )
  FROM {TaskRunners} n FORCE INDEX (PRIMARY)
  STRAIGHT_JOIN (
    SELECT u.Id
    FROM JSON_TABLE(?, '$[*]' COLUMNS (Id INT PATH '$')) j
    STRAIGHT_JOIN {TaskQueue} u FORCE INDEX (PRIMARY) ON u.Id = j.Id
    STRAIGHT_JOIN JSON_TABLE(?, '$[*]' COLUMNS (Name VARCHAR(255) PATH '$')) q
      ON u.Queue = q.Name COLLATE utf8mb4_nopad_bin
    STRAIGHT_JOIN JSON_TABLE(?, '$[*]' COLUMNS (Name VARCHAR(255) PATH '$')) h
      ON u.TaskHandlerClass = h.Name COLLATE utf8mb4_nopad_bin
    WHERE u.NextRunOn <= UNIX_TIMESTAMP()
    LIMIT 32
  ) v
  STRAIGHT_JOIN {TaskQueue} t FORCE INDEX (PRIMARY) ON t.Id = v.Id
  WHERE n.Id = ? AND n.Status = 'running'
  FOR UPDATE SKIP LOCKED
)"};

bool mayClaimByName(const Task& task, UnixSeconds now) {
  // The row may have changed since the inner SELECT. `running` is left to a look, which opens its run to see.
  return task.nextRunOn && *task.nextRunOn <= now && task.lastStatus != RunStatus::Running &&
         judgeDueTask(task, now, HandlerReach::Here).verdict == DueVerdict::Claim;
}

}  // namespace

// The cursor stays where it is: tasks of lower Ids may wait unseen.
void Claimer::claimNamed(const SyncRequest& request, SyncResult& result) {
  const auto listOf = [](const auto& values) {
    json::Writer list;
    list.startArray();
    for (const auto& value : values) list.value(value);
    return list.endArray().text();
  };
  const std::set<int> ids(request.named.begin(), request.named.end());
  DueTasks due;
  for (Row& row : connection_.query(kLockNamed, {listOf(ids), listOf(request.queues),
                                                 listOf(request.handlers), request.taskRunnerId})) {
    Task task = readTask(row);
    const auto [now, mayBeHeld] = row.as<UnixSeconds, bool>();
    const bool hasRoom = static_cast<int>(due.wanted.size()) < request.claimLimit;
    if (hasRoom && !mayBeHeld && mayClaimByName(task, now)) {
      due.claim(std::move(task), context_.tokens());
    } else {
      result.needsLook = result.needsLook || task.nextRunOn.has_value();
    }
  }
  if (!due.wanted.empty()) openRuns(request.taskRunnerId, due, result);
}

}  // namespace taskqueue::store
