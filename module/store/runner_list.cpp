// Reads runners, the running ones first.
#include <algorithm>

#include "module/json/runner_problems.h"
#include "module/store/maria_runners.h"

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
  runner.id = row.number();
  runner.identity.processId = row.number();
  runner.identity.hostName = row.text();
  runner.identity.bootId = row.text();
  runner.identity.pidNamespace = row.integer();
  runner.identity.processStartTicks = row.integer();
  runner.startedOn = row.optionalInteger();
  runner.finishedOn = row.optionalInteger();
  runner.status = parseRunnerStatus(row.text()).value_or(RunnerStatus::Timeout);
  runner.lastHeartbeatOn = row.optionalInteger();
  runner.heartbeatAgeSeconds = row.integer();
  runner.version = row.text();
  runner.queues = row.text();
  runner.slots = row.number();
  runner.memoryKb = row.integer();
  runner.drainRequestedOn = row.optionalInteger();
  runner.stopRequestedOn = row.optionalInteger();
  runner.heartbeatCounter = row.integer();
  runner.problems = json::readRunnerProblems(row.text());
  runner.unwrittenRuns = row.number();
  runner.unwrittenSeconds = row.integer();
  runner.activeRuns = row.number();
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
