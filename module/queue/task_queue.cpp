#include "module/queue/task_queue.h"

#include <algorithm>
#include <exception>
#include <unordered_set>
#include <utility>

#include "module/queue/control_characters.h"
#include "module/queue/message_origin.h"
#include "module/queue/notification.h"
#include "module/queue/utf8_text.h"

namespace taskqueue {
namespace {

constexpr int kMinutesAtOnce = 60;  // most minutes that one pass adds to the statistics

constexpr std::size_t kQuotedClassBytes = 255;  // quoted bytes of a sender's word in a message
constexpr int kMaxStarted = 64;                 // most runners that one event starts
constexpr int kMaxRunners = 10000;              // most runners that one pass reads

// Finds a task that would replace another task of the same request. The intended order is unknown, so this is
// an error.
std::optional<std::size_t> findKeyReplacedTwice(std::span<const NewTask> tasks) {
  std::unordered_set<std::string_view> keys;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    if (!tasks[i].uniqueKey) continue;
    if (!keys.insert(*tasks[i].uniqueKey).second && tasks[i].uniqueMode == UniqueMode::Replace) return i;
  }
  return std::nullopt;
}

}  // namespace

TaskQueue::TaskQueue(const Stores& stores, QueueDependencies dependencies, RescuePolicy rescuePolicy,
                     LeaseWatch& leaseWatch, QueueLimits limits)
    : stores_(stores),
      dependencies_(std::move(dependencies)),
      rescuePolicy_(rescuePolicy),
      leaseWatch_(leaseWatch),
      limits_(limits) {}

AddResult TaskQueue::addTask(const NewTask& task) {
  return addTasks(std::span(&task, 1));
}

AddResult TaskQueue::addTasks(std::span<const NewTask> tasks, const std::optional<IdempotencyKey>& key) {
  AddResult result;
  if (tasks.empty()) {
    result.errors.push_back({"", "give at least one task"});
    return result;
  }
  if (tasks.size() > static_cast<std::size_t>(limits_.tasksPerRequest)) {
    result.errors.push_back(
        {"", "at most " + std::to_string(limits_.tasksPerRequest) + " tasks in one request"});
    return result;
  }
  // The time costs a round trip to the database, so it is read only if a task has a ScheduledOn.
  const bool anyScheduled = std::any_of(tasks.begin(), tasks.end(),
                                        [](const NewTask& task) { return task.scheduledOn.has_value(); });
  const UnixSeconds now = anyScheduled ? stores_.clock.now() : 0;
  std::vector<NewTask> complete = completeTasks(tasks, now, result.errors);
  if (!result.errors.empty() &&
      !handlerCache_.empty()) {  // a cached declaration may be outdated, so it must not cause an error
    handlerCache_.clear();
    result.errors.clear();
    complete = completeTasks(tasks, now, result.errors);
  }
  if (const auto twice = findKeyReplacedTwice(tasks)) {
    result.errors.push_back({"/" + std::to_string(*twice) + "/UniqueKey",
                             "is used by another task of this request, so that it cannot be told which one "
                             "is to replace which"});
  }
  if (result.errors.empty()) result.outcome = stores_.tasks.insertTasks(complete, key);
  return result;
}

std::vector<NewTask> TaskQueue::completeTasks(std::span<const NewTask> tasks, UnixSeconds now,
                                              std::vector<InputError>& errors) {
  std::vector<NewTask> complete(tasks.begin(), tasks.end());
  HandlersOfRequest handlers;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    const std::string prefix = tasks.size() == 1 ? "" : "/" + std::to_string(i);
    completeTask(complete[i], handlers);
    checkNewTask(complete[i], now, prefix, handlers, errors);
  }
  return complete;
}

std::optional<HandlerDeclaration> TaskQueue::handlerOfNewTask(const std::string& taskHandlerClass) {
  constexpr std::size_t kMaxCached = 1000;
  const auto now = steadyNow();
  const auto kept = handlerCache_.find(taskHandlerClass);
  if (kept != handlerCache_.end() && now < kept->second.until) return kept->second.declaration;
  auto handler = createTaskHandler(taskHandlerClass);
  if (!handler || limits_.handlerCacheTime.count() == 0) return handler;
  if (handlerCache_.size() >= kMaxCached) handlerCache_.clear();
  handlerCache_.insert_or_assign(taskHandlerClass, CachedHandler{*handler, now + limits_.handlerCacheTime});
  return handler;
}

// Fills in members that the sender did not set from the handler's settings.
void TaskQueue::completeTask(NewTask& task, HandlersOfRequest& handlers) {
  const auto lookUp = [&](const std::string& name) {
    const auto known = handlers.find(name);
    return known != handlers.end() ? known : handlers.emplace(name, handlerOfNewTask(name)).first;
  };
  const auto handler = lookUp(task.taskHandlerClass);
  if (handler->second) handler->second->settings.complete(task);
  if (task.notifyOn != NotifyOn::Never) lookUp(notificationHandlerFor(task.notifyTo));
}

std::vector<InputError> TaskQueue::checkTask(const NewTask& task) {
  NewTask complete = task;
  HandlersOfRequest handlers;
  std::vector<InputError> errors;
  completeTask(complete, handlers);
  checkNewTask(complete, stores_.clock.now(), "", handlers, errors);
  return errors;
}

void TaskQueue::checkNewTask(const NewTask& task, UnixSeconds now, const std::string& prefix,
                             const HandlersOfRequest& handlers, std::vector<InputError>& errors) {
  const auto refuse = [&](const std::string& member, std::string problem) {
    errors.push_back({prefix + "/" + member, std::move(problem)});
  };
  const auto refuseUnlessWithin = [&](const std::string& member, std::int64_t value, std::int64_t min,
                                      std::int64_t max) {
    if (value >= min && value <= max) return;
    refuse(member, "must be from " + std::to_string(min) + " to " + std::to_string(max));
  };
  const auto refuseControls = [&](const std::string& member, std::string_view line) {
    if (hasControlBytes(line)) refuse(member, std::string(kOneLineRule));
  };
  const auto refuseLongKey = [&](const std::string& member, const std::optional<std::string>& key) {
    if (!key || (!key->empty() && countCharacters(*key) <= limits_.keyLength)) return;
    refuse(member, "must be 1 to " + std::to_string(limits_.keyLength) + " characters");
  };

  if (task.scheduledOn)
    refuseUnlessWithin("ScheduledOn", *task.scheduledOn, 1, now + limits_.scheduleAheadSeconds);
  if (task.maxRetries) refuseUnlessWithin("MaxRetries", *task.maxRetries, 1, limits_.maxRetries);
  if (task.priority) refuseUnlessWithin("Priority", *task.priority, 0, limits_.priorityLast);
  refuseUnlessWithin("QueuedById", task.queuedById, -1000, INT32_MAX);
  if (countCharacters(task.title) > limits_.nameLength) {
    refuse("Title", "must not be longer than " + std::to_string(limits_.nameLength) + " characters");
  }
  refuseControls("Title", task.title);
  refuseControls("UniqueKey", task.uniqueKey.value_or(""));
  refuseControls("ConcurrencyKey", task.concurrencyKey.value_or(""));
  if (task.queue && !isQueueName(*task.queue)) refuse("Queue", std::string(kQueueNameRule));
  refuseLongKey("UniqueKey", task.uniqueKey);
  refuseLongKey("ConcurrencyKey", task.concurrencyKey);
  if (!task.uniqueKey && task.uniqueMode != UniqueMode::Keep) refuse("UniqueMode", "needs a UniqueKey");
  if (task.uniqueMode == UniqueMode::Window) {
    refuseUnlessWithin("UniqueSeconds", task.uniqueSeconds, 1, limits_.uniqueSeconds);
  } else if (task.uniqueSeconds != 0) {
    refuse("UniqueSeconds", "needs the UniqueMode window");
  }

  checkNotification(task, prefix, handlers, errors);

  const auto& handler = handlers.at(task.taskHandlerClass);
  if (!isHandlerClass(task.taskHandlerClass)) {
    refuse("TaskHandlerClass", std::string(kHandlerClassRule));
    return;
  }
  if (!handler && limits_.unknownHandlers == UnknownHandlers::Refuse) {
    refuse("TaskHandlerClass", "no runner has announced the handler '" +
                                   std::string(cutAtCharacter(task.taskHandlerClass, kQuotedClassBytes)) +
                                   "' so far; GET api/v1/handlers lists those that are known, and [enqueue] "
                                   "unknown_handlers=park accepts others, too");
    return;
  }
  const std::string schema = handler ? handler->dataSchema : std::string();
  const auto checkData = [&](std::string_view fits) {
    for (InputError& error : dependencies_.checkTaskData(task.taskData, fits))
      errors.push_back({prefix + "/TaskData" + error.member, std::move(error.problem)});
  };
  const std::size_t before = errors.size();
  checkData(schema);
  if (isNotificationHandler(task.taskHandlerClass) && errors.size() == before)
    checkData(kSchemaOfMessageByHand);
}

void TaskQueue::checkNotification(const NewTask& task, const std::string& prefix,
                                  const HandlersOfRequest& handlers, std::vector<InputError>& errors) {
  const auto refuse = [&](const std::string& member, std::string problem) {
    errors.push_back({prefix + "/" + member, std::move(problem)});
  };
  if (task.notifyOn == NotifyOn::Never) {
    constexpr const char* kNeeds = "needs NotifyOn: success, failure or both";
    if (task.notifyTo) refuse("NotifyTo", kNeeds);
    if (!task.notifyLanguage.empty()) refuse("NotifyLanguage", kNeeds);
    return;
  }
  if (!task.notifyTo && task.queuedById == 0) {
    refuse("NotifyTo", "is missing: an e-mail address or URL, or QueuedById, whose address the site knows");
  }
  if (task.notifyTo) {
    if (auto problem = findNotifyToProblem(*task.notifyTo)) refuse("NotifyTo", std::move(*problem));
  }
  if (!task.notifyLanguage.empty() && !isLanguageCode(task.notifyLanguage)) {
    refuse("NotifyLanguage", "must be a language's code, such as en, de or pt-BR");
  }
  const char* const handler = notificationHandlerFor(task.notifyTo);
  if (!handlers.at(handler) && limits_.unknownHandlers == UnknownHandlers::Refuse) {
    refuse("NotifyOn",
           std::string("cannot be heeded: no runner has announced ") + handler + " so far; set " +
               (handler == std::string_view(kWebhookHandler) ? "webhook.secret_file" : "smtp.url") +
               " in the configuration");
  }
}

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

TaskQueue::PauseResult TaskQueue::setPaused(PauseKind kind, std::string_view name, bool paused, int byId) {
  if (kind == PauseKind::Queue && !isQueueName(name)) {
    return {.error = InputError{"Name", std::string(kQueueNameRule)}, .changed = false};
  }
  if (kind == PauseKind::Handler && !isHandlerClass(name)) {
    return {.error = InputError{"Name", std::string(kHandlerClassRule)}, .changed = false};
  }
  return {.error = std::nullopt,
          .changed = stores_.handlers.setPaused(kind, name, paused, byId),
          .known = isKnown(kind, std::string(name))};
}

bool TaskQueue::isKnown(PauseKind kind, const std::string& name) {
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
