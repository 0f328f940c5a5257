// Reads the figures of the overview page. Counts are bounded: a backlog of millions costs no more than
// ten thousand.
#include <algorithm>

#include "module/store/sql/columns.h"
#include "module/store/statistics/maria_statistics.h"

namespace taskqueue::store {
namespace {

// Served by the index LastStatus.
const Sql kOfStatus{"count-of-status", R"(
  SELECT COUNT(*)
  FROM (SELECT 1 FROM {TaskQueue} FORCE INDEX (LastStatus) WHERE LastStatus = ? LIMIT ?) x
)"};

// Served by the index LastStatus and the unique key OpenTaskQueueId.
const Sql kRunningTasks{"running-tasks", R"(
  SELECT {run_columns}, t.TaskHandlerClass, t.Title
  FROM {TaskQueue} t FORCE INDEX (LastStatus)
  STRAIGHT_JOIN {TaskRuns} r FORCE INDEX (OpenTaskQueueId) ON r.OpenTaskQueueId = t.Id
  WHERE t.LastStatus = 'running'
  ORDER BY t.Id DESC
  LIMIT ?
)"};

// Finds failed tasks with the newest run of each. Served by the index LastStatus and the index TaskQueueId
// (TaskQueueId, Attempt).
const Sql kFailedTasks{"failed-tasks", R"(
  SELECT t.Id, r.Id, t.TaskHandlerClass, t.Title, r.ErrorCode, LEFT(r.ErrorMessage, 300),
    r.FinishedOn
  FROM (
    SELECT Id, TaskHandlerClass, Title
    FROM {TaskQueue} FORCE INDEX (LastStatus)
    WHERE LastStatus = ?
    ORDER BY Id DESC
    LIMIT ?
  ) t
  STRAIGHT_JOIN {TaskRuns} r
    ON r.Id = (
      SELECT n.Id
      FROM {TaskRuns} n FORCE INDEX (TaskQueueId)
      WHERE n.TaskQueueId = t.Id
      ORDER BY n.Attempt DESC
      LIMIT 1
    )
  ORDER BY t.Id DESC
)"};

}  // namespace

std::map<RunStatus, BoundedCount> MariaStatistics::countByStatus(int max) {
  std::map<RunStatus, BoundedCount> counts;
  for (const RunStatus status : kAllStatuses) {
    counts[status] = BoundedCount::upTo(
        connection_.query(kOfStatus, {toString(status), std::int64_t{max} + 1}).at(0).as<std::int64_t>(),
        max);
  }
  return counts;
}

std::vector<RunningTask> MariaStatistics::findRunningTasks(int limit) {
  std::vector<RunningTask> tasks;
  for (Row& row : connection_.query(kRunningTasks, {limit})) {
    RunningTask task;
    task.run = readRun(row);
    row.into(task.taskHandlerClass, task.title);
    tasks.push_back(std::move(task));
  }
  return tasks;
}

std::vector<FailedTask> MariaStatistics::findFailedTasks(int limit) {
  std::vector<FailedTask> tasks;
  for (const RunStatus status : {RunStatus::Error, RunStatus::Timeout}) {
    for (Row& row : connection_.query(kFailedTasks, {toString(status), limit})) {
      FailedTask task;
      row.into(task.taskQueueId, task.runId, task.taskHandlerClass, task.title, task.errorCode,
               task.errorMessage, task.finishedOn);
      tasks.push_back(std::move(task));
    }
  }
  std::sort(tasks.begin(), tasks.end(),
            [](const FailedTask& a, const FailedTask& b) { return a.taskQueueId > b.taskQueueId; });
  if (static_cast<int>(tasks.size()) > limit) tasks.resize(static_cast<std::size_t>(limit));
  return tasks;
}

}  // namespace taskqueue::store
