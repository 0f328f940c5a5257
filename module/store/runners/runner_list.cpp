// Reads runners, the running ones first.
#include <algorithm>

#include "module/json/runner_problems.h"
#include "module/store/runners/maria_runners.h"

namespace taskqueue::store {
namespace {

const SqlPiece kRunnerColumns{"runner_columns", R"(
  n.Id, n.ProcessId, n.HostName, n.BootId, n.PidNamespace, n.ProcessStartTicks, n.StartedOn,
  n.FinishedOn, n.Status, n.LastHeartbeatOn,
  UNIX_TIMESTAMP() - COALESCE(n.LastHeartbeatOn, n.StartedOn, 0), n.Version, n.Queues, n.Slots,
  n.MemoryKb, n.DrainRequestedOn, n.StopRequestedOn, n.HeartbeatCounter, n.Problems,
  n.UnwrittenRuns, n.UnwrittenSeconds,
  (SELECT COUNT(*) FROM {TaskRuns} r WHERE r.TaskRunnerId = n.Id AND r.OpenTaskQueueId IS NOT NULL)
)"};

// Served by the index Status; the inner count by TaskRunnerId (TaskRunnerId, OpenTaskQueueId).
const Sql kRunningRunners{"running-runners", R"(
  SELECT {runner_columns}
  FROM {TaskRunners} n
  WHERE n.Status = 'running'
  ORDER BY n.Id DESC
  LIMIT ?
)"};

// Served by the primary key.
const Sql kEndedRunners{"ended-runners", R"(
  SELECT {runner_columns}
  FROM {TaskRunners} n FORCE INDEX (PRIMARY)
  WHERE n.Status <> 'running'
  ORDER BY n.Id DESC
  LIMIT ?
)"};

Runner readRunner(Row& row) {
  Runner runner;
  runner.status = RunnerStatus::Timeout;  // stands if the word is unknown
  std::string problems;
  row.into(runner.id, runner.identity.processId, runner.identity.hostName, runner.identity.bootId,
           runner.identity.pidNamespace, runner.identity.processStartTicks, runner.startedOn,
           runner.finishedOn, runner.status, runner.lastHeartbeatOn, runner.heartbeatAgeSeconds,
           runner.version, runner.queues, runner.slots, runner.memoryKb, runner.drainRequestedOn,
           runner.stopRequestedOn, runner.heartbeatCounter, problems, runner.unwrittenRuns,
           runner.unwrittenSeconds, runner.activeRuns);
  runner.problems = json::readRunnerProblems(problems);
  return runner;
}

}  // namespace

std::vector<Runner> MariaRunners::findRunners(bool onlyRunning, int limit) {
  std::vector<Runner> runners;
  const auto add = [&](const Sql& sql) {
    const std::int64_t room = limit - static_cast<std::int64_t>(runners.size());
    if (room <= 0) return;
    for (Row& row : connection_.query(sql, {room})) {
      Runner runner = readRunner(row);
      const bool hasJustEnded = std::any_of(runners.begin(), runners.end(),
                                            [&](const Runner& other) { return other.id == runner.id; });
      if (!hasJustEnded) runners.push_back(std::move(runner));
    }
  };
  add(kRunningRunners);
  if (!onlyRunning) add(kEndedRunners);
  return runners;
}

}  // namespace taskqueue::store
