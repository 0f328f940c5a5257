#include "module/health/facts.h"
#include "module/queue/time_units.h"

#include <algorithm>

namespace taskqueue::health {
namespace {

constexpr std::int64_t kWeek = 7 * 86400;
constexpr int kMaxWaitingCounted = 1000;

std::vector<Space> spacesOf(const Settings& settings, const HealthFacts& tables) {
  std::vector<std::string> directories = settings.directories;
  if (!tables.dataDirectory.empty() && tables.hostName == thisHostName())
    directories.push_back(tables.dataDirectory);
  return spacesOn(directories);
}

}  // namespace

bool Facts::isPaused(PauseKind kind, const std::string& name) const {
  return std::any_of(pauses.begin(), pauses.end(),
                     [&](const Pause& pause) { return pause.kind == kind && pause.name == name; });
}

bool Facts::waitsTooLong(const QueueDepth& queue) const {
  if (!queue.oldestDue || isPaused(PauseKind::Queue, queue.queue)) return false;
  const std::int64_t waits = now() - *queue.oldestDue;
  const int max = settings.queue.queueWaitsSeconds;
  return waits > settings.limits.stuckSeconds || (max > 0 && waits > max);
}

bool Facts::failsOften(const HandlerOutcome& outcome) const {
  constexpr int kPercent = 100;
  const std::int64_t ended = outcome.succeeded + outcome.failed;
  return ended >= settings.limits.failingRuns &&
         outcome.failed * kPercent >= ended * settings.limits.failingAboveUsualPercent;
}

Facts readFacts(const Stores& stores, const Settings& settings) {
  Facts facts{.settings = settings};
  facts.tables = stores.statistics.readHealthFacts(kHourSeconds);
  facts.runners = stores.runners.findRunners(/*onlyRunning=*/true, kMaxRunners);
  facts.runnersExpected = stores.handlers.taskRunnerLimit();
  facts.overseer = stores.maintenance.findOverseerFacts();
  facts.pauses = stores.handlers.findPauses();
  facts.queues = stores.statistics.readQueueDepths(kMaxQueues, kMaxWaitingCounted);
  for (const QueueDepth& queue : facts.queues) {
    if (!facts.waitsTooLong(queue) || facts.oldest.size() == kMaxExplained) continue;
    if (auto oldest = stores.tasks.findWaitFacts(queue.oldestTaskId))
      facts.oldest.emplace(queue.queue, *oldest);
  }
  const UnixSeconds hour = facts.now() - kHourSeconds;
  for (const HandlerOutcome& outcome : facts.tables.outcomes) {
    if (!facts.failsOften(outcome) || facts.usual.size() == kMaxExplained) continue;
    const std::string& name = outcome.taskHandlerClass;
    facts.usual.emplace(name, stores.statistics.readOutcomeOfHandler(name, hour - kWeek, hour));
  }
  facts.newErrors = stores.errors.findErrorGroups(
      {.from = facts.now() - kDaySeconds, .state = ErrorGroupState::New, .limit = kMaxExplained});
  facts.spaces = spacesOf(settings, facts.tables);
  return facts;
}

}  // namespace taskqueue::health
