// MariaTaskStore: how the queue is at a glance. Counts are bounded: a backlog of millions costs no more than
// ten thousand.
#include <algorithm>

#include "module/store/columns.h"
#include "module/store/maria_task_store.h"

namespace taskqueue::store {
namespace {

// Served by the index NextRunOn.
const Sql kWaiting{
    "count-waiting",
    "SELECT COUNT(*) FROM (SELECT 1 FROM {TaskQueue} FORCE INDEX (NextRunOn) WHERE NextRunOn >= 0 "
    "LIMIT ?) x"};
const Sql kOldestDue{
    "oldest-due",
    "SELECT NextRunOn, UNIX_TIMESTAMP() FROM {TaskQueue} FORCE INDEX (NextRunOn) WHERE NextRunOn > 0 "
    "AND NextRunOn <= UNIX_TIMESTAMP() ORDER BY NextRunOn LIMIT 1"};
// Served by the index LastStatus.
const Sql kOfStatus{
    "count-of-status",
    "SELECT COUNT(*) FROM (SELECT 1 FROM {TaskQueue} FORCE INDEX (LastStatus) WHERE LastStatus = ? "
    "LIMIT ?) x"};

// A skip scan of the index Claim.
const Sql kQueues{"queues",
                  "SELECT Queue FROM {TaskQueue} FORCE INDEX (Claim) GROUP BY Queue ORDER BY Queue LIMIT ?"};
// Served by the index Claim, a range for each priority.
const Sql kDepth{
    "queue-depth",
    "SELECT COUNT(*) FROM (SELECT 1 FROM {TaskQueue} FORCE INDEX (Claim) WHERE Queue = ? AND Priority "
    "IN (0, 1, 2, 3, 4, 5, 6, 7, 8, 9) AND NextRunOn >= 0 LIMIT ?) x"};

// The head of one priority; served by the index Claim.
const Sql kHeadOfLevel{
    "head-of-level",
    "SELECT NextRunOn FROM {TaskQueue} FORCE INDEX (Claim) WHERE Queue = ? AND Priority = ? AND "
    "NextRunOn > 0 AND NextRunOn <= UNIX_TIMESTAMP() ORDER BY NextRunOn LIMIT 1"};
// A skip scan of the index Claim.
const Sql kLevelsOfQueue{
    "levels-of-queue",
    "SELECT Priority FROM {TaskQueue} FORCE INDEX (Claim) WHERE Queue = ? GROUP BY Queue, "
    "Priority LIMIT 20"};

// Served by the index LastStatus and the unique key OpenTaskQueueId.
const Sql kRunningTasks{
    "running-tasks",
    std::string("SELECT ") + kRunColumns +
        ", t.TaskHandlerClass, t.Title FROM {TaskQueue} t FORCE INDEX (LastStatus) STRAIGHT_JOIN "
        "{TaskRuns} r FORCE INDEX (OpenTaskQueueId) ON r.OpenTaskQueueId = t.Id WHERE "
        "t.LastStatus = 'running' ORDER BY t.Id DESC LIMIT ?"};

// The newest run of each; served by the index LastStatus and the index TaskQueueId (TaskQueueId, Attempt).
const char* const kFailed =
    "SELECT t.Id, r.Id, t.TaskHandlerClass, t.Title, r.ErrorCode, LEFT(r.ErrorMessage, 300), r.FinishedOn "
    "FROM "
    "(SELECT Id, TaskHandlerClass, Title FROM {TaskQueue} FORCE INDEX (LastStatus) WHERE LastStatus = ? "
    "ORDER BY Id "
    "DESC LIMIT ?) t STRAIGHT_JOIN {TaskRuns} r ON r.Id = (SELECT n.Id FROM {TaskRuns} n FORCE INDEX "
    "(TaskQueueId) "
    "WHERE n.TaskQueueId = t.Id ORDER BY n.Attempt DESC LIMIT 1) ORDER BY t.Id DESC";
const Sql kFailedTasks{"failed-tasks", kFailed};

BoundedCount bounded(std::int64_t counted, int most) {
  return {std::min<std::int64_t>(counted, most), counted > most};
}

}  // namespace

QueueNumbers MariaTaskStore::readQueueNumbers(int most) {
  QueueNumbers numbers;
  const std::int64_t limit = std::int64_t{most} + 1;
  numbers.waiting = bounded(connection_.query(kWaiting, {limit}).at(0).integer(), most);
  numbers.running = bounded(
      connection_.query(kOfStatus, {std::string(wordOf(RunStatus::Running)), limit}).at(0).integer(), most);
  auto oldest = connection_.query(kOldestDue);
  if (!oldest.empty()) numbers.oldestDue = oldest.front().optionalInteger();
  numbers.now = now();
  return numbers;
}

std::map<RunStatus, BoundedCount> MariaTaskStore::countByStatus(int most) {
  std::map<RunStatus, BoundedCount> counts;
  for (const RunStatus status : kAllStatuses) {
    counts[status] = bounded(
        connection_.query(kOfStatus, {std::string(wordOf(status)), std::int64_t{most} + 1}).at(0).integer(),
        most);
  }
  return counts;
}

std::vector<QueueDepth> MariaTaskStore::readQueueDepths(int limit, int most) {
  std::vector<QueueDepth> depths;
  for (Row& row : connection_.query(kQueues, {std::int64_t{limit}})) {
    QueueDepth depth;
    depth.queue = row.text();
    depth.waiting =
        bounded(connection_.query(kDepth, {depth.queue, std::int64_t{most} + 1}).at(0).integer(), most);
    for (Row& level : connection_.query(kLevelsOfQueue, {depth.queue})) {
      auto head = connection_.query(kHeadOfLevel, {depth.queue, level.integer()});
      if (head.empty()) continue;
      const std::int64_t due = head.front().integer();
      depth.oldestDue = std::min(depth.oldestDue.value_or(due), due);
    }
    depths.push_back(std::move(depth));
  }
  return depths;
}

std::vector<RunningTask> MariaTaskStore::findRunningTasks(int limit) {
  std::vector<RunningTask> tasks;
  for (Row& row : connection_.query(kRunningTasks, {std::int64_t{limit}})) {
    RunningTask task;
    task.run = readRun(row);
    task.taskHandlerClass = row.text();
    task.title = row.text();
    tasks.push_back(std::move(task));
  }
  return tasks;
}

std::vector<FailedTask> MariaTaskStore::findFailedTasks(int limit) {
  std::vector<FailedTask> tasks;
  for (const RunStatus status : {RunStatus::Error, RunStatus::Timeout}) {
    for (Row& row : connection_.query(kFailedTasks, {std::string(wordOf(status)), std::int64_t{limit}})) {
      FailedTask task;
      task.taskQueueId = row.number();
      task.runId = row.number();
      task.taskHandlerClass = row.text();
      task.title = row.text();
      task.errorCode = row.text();
      task.errorMessage = row.text();
      task.finishedOn = row.optionalInteger();
      tasks.push_back(std::move(task));
    }
  }
  std::sort(tasks.begin(), tasks.end(),
            [](const FailedTask& a, const FailedTask& b) { return a.taskQueueId > b.taskQueueId; });
  if (static_cast<int>(tasks.size()) > limit) tasks.resize(static_cast<std::size_t>(limit));
  return tasks;
}

}  // namespace taskqueue::store
