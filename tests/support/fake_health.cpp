// The fake store: data for the health checks.
#include <algorithm>

#include "module/queue/due_task.h"
#include "module/queue/notification.h"
#include "tests/support/fake_store.h"

namespace taskqueue::test_support {

HealthFacts FakeStatistics::readHealthFacts(std::int64_t spanSeconds) {
  HealthFacts facts;
  facts.now = tables_.now;
  for (const auto& [id, row] : tables_.runs)
    facts.runStartedOn = std::max(facts.runStartedOn, row.run.startedOn);
  for (const auto& [id, row] : tables_.runners) {
    const Runner& runner = row.runner;
    facts.runnerEndedOn = std::max(facts.runnerEndedOn, runner.finishedOn);
    const bool isLost =
        runner.status == RunnerStatus::Timeout && runner.finishedOn >= tables_.now - spanSeconds;
    if (isLost) facts.lostRunners.push_back({id, runner.identity.hostName, *runner.finishedOn});
  }
  std::sort(facts.lostRunners.begin(), facts.lostRunners.end(),
            [](const LostRunner& a, const LostRunner& b) { return a.lostOn > b.lostOn; });
  std::map<std::pair<std::string, std::string>, ParkedTasks> parked;
  for (const auto& [id, row] : tables_.tasks) {
    if (row.task.parkedReason.empty()) continue;
    ParkedTasks& group = parked[{row.task.taskHandlerClass, row.task.parkedReason}];
    if (group.oldestTaskId == 0) {
      group = {row.task.taskHandlerClass, row.task.parkedReason, {}, id, firstDueOn(row.task, tables_.now)};
    }
    ++group.tasks.value;
  }
  for (auto& [key, group] : parked) {
    group.tasks = BoundedCount::upTo(group.tasks.value, kMaxParkedCounted);
    facts.parked.push_back(group);
  }
  std::map<std::string, HandlerOutcome> outcomes;
  for (const auto& [minute, ended] : tables_.minutes) {
    if (minute < tables_.now - spanSeconds) continue;
    for (const auto& [task, run] : ended) {
      HandlerOutcome& to = outcomes[task.taskHandlerClass];
      to.taskHandlerClass = task.taskHandlerClass;
      if (run.status == RunStatus::Success) ++to.succeeded;
      if (run.errorCode == "unwritable") ++to.unwritable;
      if (!isFailure(run.status)) continue;
      ++to.failed;
      if (!to.failingSince) to.failingSince = minute;
      const bool isLast = run.attempt == tables_.lastAttemptOf(task.id, /*endedOnly=*/false);
      if (task.lastStatus == run.status && isFinal(task) && isLast) ++to.failedForGood;
    }
  }
  for (auto& [name, outcome] : outcomes) facts.outcomes.push_back(outcome);
  facts.ids = tables_.tableIds;
  facts.packetBytes = tables_.packetBytes;
  return facts;
}

HandlerOutcome FakeStatistics::readOutcomeOfHandler(std::string_view taskHandlerClass, UnixSeconds from,
                                                    UnixSeconds until) {
  HandlerOutcome outcome;
  outcome.taskHandlerClass = std::string(taskHandlerClass);
  for (const auto& [minute, ended] : tables_.minutes) {
    for (const auto& [task, run] : ended) {
      if (minute < from || minute >= until || task.taskHandlerClass != taskHandlerClass) continue;
      if (run.status == RunStatus::Success) ++outcome.succeeded;
      if (isFailure(run.status)) ++outcome.failed;
    }
  }
  return outcome;
}

}  // namespace taskqueue::test_support
