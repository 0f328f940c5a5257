#include "module/queue/task_queue.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace taskqueue {
namespace {

constexpr int kMinutesAtOnce = 60;  // most minutes that one pass adds to the statistics

constexpr int kMaxStarted = 64;     // most runners that one event starts
constexpr int kMaxRunners = 10000;  // most runners that one pass reads

}  // namespace

TaskQueue::TaskQueue(const Stores& stores, QueueDependencies dependencies, RescuePolicy rescuePolicy,
                     LeaseWatch& leaseWatch, QueueLimits limits)
    : stores_(stores),
      dependencies_(std::move(dependencies)),
      rescuePolicy_(rescuePolicy),
      leaseWatch_(leaseWatch),
      limits_(limits) {}

std::optional<HandlerDeclaration> TaskQueue::createTaskHandler(std::string_view taskHandlerClass) {
  if (!isHandlerClass(taskHandlerClass)) return std::nullopt;
  return stores_.handlers.findHandler(taskHandlerClass);
}

ProcessQueueResult TaskQueue::processQueue() {
  ProcessQueueResult result;
  // If the server has no room for one step, for example no Ids, the other steps must still run.
  std::exception_ptr noRoom;
  const auto step = [&noRoom](auto body) {
    try {
      body();
    } catch (const NoRoomOnServer&) {
      if (!noRoom) noRoom = std::current_exception();
    }
  };
  step([&] { result.timedOutRunners = refreshTaskRunnersStatus(); });
  step([&] { result.repairedTasks = repairTasks(); });
  step([&] { stores_.handlers.endPauses(); });
  step([&] { result.firings = fireDueSchedules(stores_, limits_); });
  step([&] { result.createdTaskRuns = createMissingTaskRuns(); });
  step([&] { stores_.statistics.rollUpMinutes(kMinutesAtOnce); });
  step([&] { result.prunedTasks = pruneOld(stores_.maintenance, stores_.clock, limits_.retention); });
  stores_.maintenance.markOverseer();
  step([&] { notifyOperators(); });
  if (noRoom) std::rethrow_exception(noRoom);
  return result;
}

std::optional<FiringCounts> TaskQueue::runFallbackPass() {
  if (!isOverseerSilent(stores_.maintenance.findOverseerFacts(), limits_)) return std::nullopt;
  constexpr std::chrono::seconds kLongest{3};
  const FiringCounts counts =
      fireDueSchedules(stores_, limits_, std::nullopt, std::chrono::steady_clock::now() + kLongest);
  if (dependencies_.alertTasks) stores_.statistics.rollUpMinutes(kMinutesAtOnce);
  notifyOperators();
  stores_.maintenance.markFallbackPass();
  return counts;
}

void TaskQueue::notifyOperators() {
  if (!dependencies_.alertTasks) return;
  const auto tasks = dependencies_.alertTasks(stores_);
  if (!tasks.empty()) stores_.tasks.insertTasks(tasks, std::nullopt);
}

std::vector<int> TaskQueue::refreshTaskRunnersStatus() {
  std::vector<int> dead;
  std::vector<Runner> remote;
  const auto readFrom = steadyNow();
  localRunners_.clear();
  for (Runner& runner : stores_.runners.findRunners(/*onlyRunning=*/true, kMaxRunners)) {
    const Liveness liveness = checkLiveness(runner.identity);
    if (liveness == Liveness::Dead) dead.push_back(runner.id);
    if (liveness == Liveness::Alive) localRunners_.push_back(runner.identity);
    if (liveness == Liveness::Remote) remote.push_back(std::move(runner));
  }
  for (const int id : leaseWatch_.look(remote, readFrom, steadyNow())) dead.push_back(id);
  for (const int id : stores_.runners.findEndedRunnersWithRuns(kMaxRunners)) dead.push_back(id);
  std::vector<int> timedOut;
  for (const int id : dead) {
    if (rescue(id)) timedOut.push_back(id);
  }
  return timedOut;
}

bool TaskQueue::seesDeadRunner() const {
  return std::any_of(localRunners_.begin(), localRunners_.end(), [](const ProcessIdentity& identity) {
    return checkLiveness(identity) == Liveness::Dead;
  });
}

std::chrono::steady_clock::time_point TaskQueue::steadyNow() const {
  return dependencies_.steadyNow ? dependencies_.steadyNow() : std::chrono::steady_clock::now();
}

bool TaskQueue::rescue(int taskRunnerId) {
  if (dependencies_.readJournal) {
    for (RunEnd& end : dependencies_.readJournal(taskRunnerId)) {
      SyncRequest request;
      request.taskRunnerId = taskRunnerId;
      request.ends.push_back(std::move(end));
      try {
        stores_.runners.sync(request);  // the store refuses the end if the dead runner no longer owns the run
      } catch (const StoreError& error) {
        if (error.kind() != StoreError::Kind::Broken) throw;
        // The database rejects what the run reported, so the run ends like the others.
      }
    }
  }
  releaseUnstarted(taskRunnerId);
  const bool changed = stores_.runners.timeOutRunner(taskRunnerId, rescuePolicy_);
  if (dependencies_.removeJournal) dependencies_.removeJournal(taskRunnerId);
  return changed;
}

// Runs that were prefetched but not started must not lose a try or count as a runner death.
void TaskQueue::releaseUnstarted(int taskRunnerId) {
  const auto started = dependencies_.readStarted ? dependencies_.readStarted(taskRunnerId) : std::nullopt;
  if (!started) return;
  SyncRequest request;
  request.taskRunnerId = taskRunnerId;
  for (RunOwnership& owned : stores_.runners.activeRuns(taskRunnerId)) {
    if (!started->contains(owned.runToken)) request.releases.push_back({.owned = std::move(owned)});
  }
  if (!request.releases.empty()) stores_.runners.sync(request);
}

bool TaskQueue::isAlive(const Runner& runner) const {
  const Liveness liveness = checkLiveness(runner.identity);
  return liveness == Liveness::Alive ||
         (liveness == Liveness::Remote && runner.heartbeatAgeSeconds <= leaseWatch_.lease().count());
}

int TaskQueue::repairTasks(std::chrono::milliseconds longest) {
  const auto end = std::chrono::steady_clock::now() + longest;
  int repaired = 0;
  for (const int taskQueueId : stores_.maintenance.findInconsistentTasks(limits_.overseerBatch)) {
    if (std::chrono::steady_clock::now() >= end) break;
    if (stores_.maintenance.recountTask(taskQueueId)) ++repaired;
  }
  return repaired;
}

int TaskQueue::createMissingTaskRuns() {
  int created = 0;
  for (const int taskQueueId : stores_.maintenance.findTasksMissingRun(limits_.overseerBatch)) {
    if (createTaskRun(taskQueueId)) ++created;
  }
  return created;
}

std::optional<int> TaskQueue::createTaskRun(int taskQueueId) {
  return stores_.maintenance.createRunIfAllowed(taskQueueId);
}

int TaskQueue::getTaskRunnerCount() {
  return static_cast<int>(stores_.runners.findRunners(/*onlyRunning=*/true, kMaxRunners).size());
}

int TaskQueue::getMissingTaskRunnerCount() {
  return std::max(0, stores_.handlers.taskRunnerLimit() - getTaskRunnerCount());
}

int TaskQueue::createMissingTaskRunners() {
  return dependencies_.startRunners([this] { return std::min(getMissingTaskRunnerCount(), kMaxStarted); });
}

std::string TaskQueue::runStandalone() {
  return dependencies_.runOneStandalone({});
}

TaskQueue::StandaloneResult TaskQueue::runMissingStandalone() {
  StandaloneResult result;
  result.isBusy = true;
  result.done = dependencies_.runOneStandalone([&] {
    result.isBusy = false;
    const int missing = getMissingTaskRunnerCount();
    result.isMissing = result.isMissing || missing > 0;
    return missing;
  });
  result.limit = stores_.handlers.findRunnerLimit();
  result.runners = getTaskRunnerCount();
  return result;
}

TaskQueue::RunnerLimitResult TaskQueue::setTaskRunnerLimit(std::int64_t limit, std::optional<int> onlyIf) {
  RunnerLimitResult result;
  if (limit < 0 || limit > kMaxTaskRunners) {
    result.error = InputError{"TaskRunnerLimit", "must be from 0 (none is started by events) to " +
                                                     std::to_string(kMaxTaskRunners)};
    return result;
  }
  result.isChanged = stores_.handlers.setTaskRunnerLimit(static_cast<int>(limit), onlyIf);
  result.limit = stores_.handlers.findRunnerLimit();
  return result;
}

namespace {

std::optional<InputError> findProblem(const PauseTerms& terms, UnixSeconds now) {
  if (firstInvalidUtf8(terms.reason)) return InputError{"Reason", "is not valid UTF-8"};
  if (hasControlBytes(terms.reason)) return InputError{"Reason", std::string(kOneLineRule)};
  if (countCharacters(terms.reason) > kMaxPauseReasonCharacters) {
    return InputError{"Reason",
                      "must not be longer than " + std::to_string(kMaxPauseReasonCharacters) + " characters"};
  }
  const std::int64_t lasts = terms.pausedUntil.value_or(now + 1) - now;
  if (lasts < 1 || lasts > kMaxPauseSeconds)
    return InputError{"Seconds", "must be from 1 to " + std::to_string(kMaxPauseSeconds)};
  return std::nullopt;
}

}  // namespace

TaskQueue::PauseResult TaskQueue::setPaused(PauseKind kind, std::string_view name, bool paused, int byId,
                                            const PauseTerms& terms) {
  if (kind == PauseKind::Queue && !isQueueName(name)) {
    return {.error = InputError{"Name", std::string(kQueueNameRule)}, .changed = false};
  }
  if (kind == PauseKind::Handler && !isHandlerClass(name)) {
    return {.error = InputError{"Name", std::string(kHandlerClassRule)}, .changed = false};
  }
  if (auto problem = findProblem(terms, stores_.clock.now())) return {.error = problem, .changed = false};
  return {.error = std::nullopt,
          .changed = stores_.handlers.setPaused(kind, name, paused, byId, terms),
          .known = isKnown(kind, std::string(name))};
}

bool TaskQueue::isKnown(PauseKind kind, const std::string& name) {
  if (kind == PauseKind::All) return true;
  if (kind == PauseKind::Handler) return createTaskHandler(name).has_value();
  for (const Runner& runner : stores_.runners.findRunners(/*onlyRunning=*/true, kMaxRunners)) {
    if (("," + runner.queues + ",").find("," + name + ",") != std::string::npos) return true;
  }
  TaskFilter ofQueue;
  ofQueue.queue = name;
  ofQueue.limit = 1;
  return !stores_.tasks.findTasks(ofQueue).empty();
}

std::string TaskQueue::unknownText(PauseKind kind, std::string_view name) {
  const std::string quoted = "'" + std::string(name) + "'";
  return kind == PauseKind::Handler ? "No runner has announced a handler " + quoted + " so far."
                                    : "No runner serves a queue " + quoted + ", and no task is in it so far.";
}

TaskQueue::LimitResult TaskQueue::setHandlerLimit(std::string_view taskHandlerClass, std::int64_t maxRunning,
                                                  std::optional<std::int64_t> maxRunningPerKey, int byId) {
  LimitResult result;
  const auto refuse = [&](const char* member, std::string problem) {
    result.error = InputError{member, std::move(problem)};
    return result;
  };
  if (!isHandlerClass(taskHandlerClass)) return refuse("TaskHandlerClass", std::string(kHandlerClassRule));
  const std::string rule = "must be from 0 (any number) to " + std::to_string(kMaxRunningAtOnce);
  const auto fits = [](std::int64_t max) { return max >= 0 && max <= kMaxRunningAtOnce; };
  if (!fits(maxRunning)) return refuse("MaxRunning", rule);
  if (maxRunningPerKey && !fits(*maxRunningPerKey)) return refuse("MaxRunningPerKey", rule);
  const auto perKey = maxRunningPerKey ? std::optional(static_cast<int>(*maxRunningPerKey)) : std::nullopt;
  result.limits =
      stores_.handlers.setHandlerLimit(taskHandlerClass, static_cast<int>(maxRunning), perKey, byId);
  result.known = isKnown(PauseKind::Handler, std::string(taskHandlerClass));
  return result;
}

CancelOutcome TaskQueue::cancelTask(int id) {
  return stores_.tasks.cancelTask(id);
}

RetryOutcome TaskQueue::retryTask(int id, std::optional<RunStatus> onlyIf) {
  return stores_.tasks.retryTask(id, onlyIf);
}

bool TaskQueue::requestDrain(int taskRunnerId) {
  return stores_.runners.requestDrain(taskRunnerId);
}

bool TaskQueue::requestStop(int taskRunnerId) {
  return stores_.runners.requestStop(taskRunnerId);
}

bool TaskQueue::onAfterTaskRunUpdate(int taskQueueId) {
  return stores_.maintenance.recountTask(taskQueueId);
}

void TaskQueue::onBeforeTaskRunnerCreate(NewRunner& runner) {
  runner.identity = currentProcessIdentity();
}

bool TaskQueue::onTaskRunnerTimeout(int taskRunnerId) {
  for (const Runner& runner : stores_.runners.findRunners(/*onlyRunning=*/true, kMaxRunners)) {
    if (runner.id == taskRunnerId && isAlive(runner)) return false;
  }
  return rescue(taskRunnerId);
}

}  // namespace taskqueue
