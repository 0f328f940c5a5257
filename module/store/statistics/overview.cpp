// Reads the figures of the overview page. Counts are bounded: a backlog of millions costs no more than
// ten thousand.
#include <algorithm>

#include "module/queue/task_state.h"
#include "module/store/sql/columns.h"
#include "module/store/sql/task_place.h"
#include "module/store/statistics/maria_statistics.h"

namespace taskqueue::store {
namespace {

// Served by the index LastStatus.
const Sql kOfStatus{"count-of-status", R"(
  SELECT COUNT(*)
  FROM (SELECT 1 FROM {TaskQueue} FORCE INDEX (LastStatus) WHERE LastStatus = ? LIMIT ?) x
)"};

// Tells the newest tasks of a status apart by their places. Served by the index LastStatus and the primary
// key.
const Sql kPlacesOfStatus{"places-of-status", R"(
  SELECT x.Place, COUNT(*)
  FROM (
    SELECT {task_place} AS Place
    FROM {TaskQueue} t FORCE INDEX (LastStatus)
    WHERE t.LastStatus = ?
    ORDER BY t.Id DESC
    LIMIT ?
  ) x
  GROUP BY x.Place
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

// Served by the index TaskQueueId (TaskQueueId, Attempt).
const Sql kNewestRunOfTask{"newest-run-of-task", R"(
  SELECT Id, Attempt, Status, StartedOn, FinishedOn, RunMs, PercentsCompleted, ProgressNote, ErrorCode,
    LEFT(ErrorMessage, 300)
  FROM {TaskRuns} FORCE INDEX (TaskQueueId)
  WHERE TaskQueueId = ?
  ORDER BY Attempt DESC
  LIMIT 1
)"};

}  // namespace

std::map<TaskState, BoundedCount> MariaStatistics::countByState(int max) {
  std::map<TaskState, BoundedCount> counts;
  for (const TaskStateRule& rule : taskStateRules()) counts[rule.state] = {};
  const std::int64_t limit = std::int64_t{max} + 1;
  for (const RunStatus status : kAllStatuses) {
    std::map<TaskState, std::int64_t> ofStatus;
    if (ruleOf(stateOf(status, TaskPlace::Idle)).places == kAnyTaskPlace) {
      ofStatus[stateOf(status, TaskPlace::Idle)] =
          connection_.query(kOfStatus, {toString(status), limit}).at(0).as<std::int64_t>();
    } else {
      for (Row& row : connection_.query(kPlacesOfStatus, {toString(status), limit})) {
        const auto [place, tasks] = row.as<std::int64_t, std::int64_t>();
        ofStatus[stateOf(status, static_cast<TaskPlace>(place))] += tasks;
      }
    }
    std::int64_t all = 0;
    for (const auto& [state, tasks] : ofStatus) all += tasks;
    for (const TaskStateRule& rule : taskStateRules()) {
      if (std::find(rule.statuses.begin(), rule.statuses.end(), status) == rule.statuses.end()) continue;
      BoundedCount& count = counts[rule.state];
      count.value = std::min<std::int64_t>(count.value + ofStatus[rule.state], max);
      count.more = count.more || all > max;
    }
  }
  return counts;
}

std::map<int, Run> MariaStatistics::findNewestRuns(const std::vector<int>& taskIds) {
  std::map<int, Run> runs;
  for (const int id : taskIds) {
    for (Row& row : connection_.query(kNewestRunOfTask, {id})) {
      Run& run = runs[id];
      run.taskQueueId = id;
      row.into(run.id, run.attempt, run.status, run.startedOn, run.finishedOn, run.runMs,
               run.percentsCompleted, run.progressNote, run.errorCode, run.errorMessage);
    }
  }
  return runs;
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

}  // namespace taskqueue::store
