#include "module/queue/task_queue.h"

#include <algorithm>
#include <utility>

#include "module/queue/utf8_text.h"

namespace taskqueue {
namespace {

constexpr std::size_t kQuotedBytes = 255;  // of a sender's word in a message
constexpr int kMostStarted = 64;           // runners, by one event
constexpr int kMostRunners = 10000;        // looked at in one pass

bool isQueueName(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
}

}  // namespace

TaskQueue::TaskQueue(TaskStore& store, QueueSurroundings surroundings, RetryPolicy retryPolicy,
                     std::chrono::seconds lease, QueueLimits limits)
    : store_(store),
      surroundings_(std::move(surroundings)),
      retryPolicy_(retryPolicy),
      lease_(lease),
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
  const UnixSeconds now = store_.now();
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    const std::string prefix = tasks.size() == 1 ? "" : "/" + std::to_string(i);
    checkNewTask(tasks[i], now, prefix, result.errors);
  }
  if (result.errors.empty()) result.outcome = store_.insertTasks(tasks, key);
  return result;
}

void TaskQueue::checkNewTask(const NewTask& task, UnixSeconds now, const std::string& prefix,
                             std::vector<InputError>& errors) {
  const auto refuse = [&](const std::string& member, std::string problem) {
    errors.push_back({prefix + "/" + member, std::move(problem)});
  };
  const auto refuseUnlessWithin = [&](const std::string& member, std::int64_t value, std::int64_t least,
                                      std::int64_t most) {
    if (value >= least && value <= most) return;
    refuse(member, "must be from " + std::to_string(least) + " to " + std::to_string(most));
  };

  if (task.scheduledOn)
    refuseUnlessWithin("ScheduledOn", *task.scheduledOn, 1, now + limits_.scheduleAheadSeconds);
  refuseUnlessWithin("MaxRetries", task.maxRetries, 1, limits_.maxRetries);
  refuseUnlessWithin("Priority", task.priority, 0, limits_.priorityLast);
  refuseUnlessWithin("QueuedById", task.queuedById, -1000, INT32_MAX);
  if (countCharacters(task.title) > limits_.nameLength) {
    refuse("Title", "must not be longer than " + std::to_string(limits_.nameLength) + " characters");
  }
  if (!isQueueName(task.queue) || countCharacters(task.queue) > limits_.queueNameLength) {
    refuse("Queue",
           "must be 1 to " + std::to_string(limits_.queueNameLength) + " letters, digits, '-', '_' or '.'");
  }
  if (task.uniqueKey &&
      (task.uniqueKey->empty() || countCharacters(*task.uniqueKey) > limits_.uniqueKeyLength)) {
    refuse("UniqueKey", "must be 1 to " + std::to_string(limits_.uniqueKeyLength) + " characters");
  }

  const auto handler = createTaskHandler(task.taskHandlerClass);
  if (!handler) {
    refuse("TaskHandlerClass", "no runner has announced the handler '" +
                                   std::string(cutAtCharacter(task.taskHandlerClass, kQuotedBytes)) +
                                   "'; GET api/v1/handlers lists those that exist");
    return;
  }
  for (InputError& error : surroundings_.checkTaskData(task.taskData, handler->dataSchema)) {
    errors.push_back({prefix + "/TaskData" + error.member, std::move(error.problem)});
  }
}

std::optional<HandlerDeclaration> TaskQueue::createTaskHandler(std::string_view taskHandlerClass) {
  if (taskHandlerClass.empty() || countCharacters(taskHandlerClass) > limits_.nameLength) return std::nullopt;
  return store_.findHandler(taskHandlerClass);
}

ProcessQueueResult TaskQueue::processQueue() {
  ProcessQueueResult result;
  result.timedOutRunners = refreshTaskRunnersStatus();
  result.repairedTasks = repairTasks();
  result.createdTaskRuns = createMissingTaskRuns();
  return result;
}

std::vector<int> TaskQueue::refreshTaskRunnersStatus() {
  std::vector<int> timedOut;
  for (const Runner& runner : store_.findRunners(/*onlyRunning=*/true, kMostRunners)) {
    if (!isAlive(runner) && store_.timeOutRunner(runner.id, retryPolicy_)) timedOut.push_back(runner.id);
  }
  for (const int id : store_.findEndedRunnersWithRuns(kMostRunners)) {
    if (store_.timeOutRunner(id, retryPolicy_)) timedOut.push_back(id);
  }
  return timedOut;
}

bool TaskQueue::isAlive(const Runner& runner) const {
  const Liveness liveness = livenessOf(runner.identity);
  return liveness == Liveness::Alive ||
         (liveness == Liveness::OutOfSight && runner.heartbeatAgeSeconds <= lease_.count());
}

int TaskQueue::repairTasks() {
  int repaired = 0;
  for (const int taskQueueId : store_.findTasksOutOfLine(limits_.overseerBatch)) {
    if (store_.recountTask(taskQueueId)) ++repaired;
  }
  return repaired;
}

int TaskQueue::createMissingTaskRuns() {
  int created = 0;
  for (const int taskQueueId : store_.findTasksMissingRun(limits_.overseerBatch)) {
    if (createTaskRun(taskQueueId)) ++created;
  }
  return created;
}

std::optional<int> TaskQueue::createTaskRun(int taskQueueId) {
  return store_.createRunIfAllowed(taskQueueId);
}

int TaskQueue::getTaskRunnerCount() {
  return static_cast<int>(store_.findRunners(/*onlyRunning=*/true, kMostRunners).size());
}

int TaskQueue::getMissingTaskRunnerCount() {
  return std::max(0, store_.taskRunnerLimit() - getTaskRunnerCount());
}

int TaskQueue::createMissingTaskRunners() {
  return surroundings_.startRunners([this] { return std::min(getMissingTaskRunnerCount(), kMostStarted); });
}

std::string TaskQueue::runStandalone() {
  return surroundings_.runOneStandalone();
}

TaskQueue::PauseResult TaskQueue::setPaused(PauseKind kind, std::string_view name, bool paused, int byId) {
  const int most = kind == PauseKind::Queue ? limits_.queueNameLength : limits_.nameLength;
  if (name.empty() || countCharacters(name) > most) {
    return {.error = InputError{"Name", "must be 1 to " + std::to_string(most) + " characters"},
            .changed = false};
  }
  if (kind == PauseKind::Queue && !isQueueName(name)) {
    return {.error = InputError{"Name", "must be letters, digits, '-', '_' or '.'"}, .changed = false};
  }
  return {.error = std::nullopt, .changed = store_.setPaused(kind, name, paused, byId)};
}

std::optional<InputError> TaskQueue::setHandlerLimit(std::string_view taskHandlerClass,
                                                     std::int64_t maxRunning, int byId) {
  constexpr std::int64_t kMostAtOnce = 100000;
  if (taskHandlerClass.empty() || countCharacters(taskHandlerClass) > limits_.nameLength) {
    return InputError{"TaskHandlerClass",
                      "must be 1 to " + std::to_string(limits_.nameLength) + " characters"};
  }
  if (maxRunning < 0 || maxRunning > kMostAtOnce) {
    return InputError{"MaxRunning", "must be from 0 (any number) to " + std::to_string(kMostAtOnce)};
  }
  store_.setHandlerLimit(taskHandlerClass, static_cast<int>(maxRunning), byId);
  return std::nullopt;
}

bool TaskQueue::onAfterTaskRunUpdate(int taskQueueId) {
  return store_.recountTask(taskQueueId);
}

void TaskQueue::onBeforeTaskRunnerCreate(NewRunner& runner) {
  runner.identity = identityOfThisProcess();
}

bool TaskQueue::onTaskRunnerTimeout(int taskRunnerId) {
  for (const Runner& runner : store_.findRunners(/*onlyRunning=*/true, kMostRunners)) {
    if (runner.id == taskRunnerId && isAlive(runner)) return false;
  }
  return store_.timeOutRunner(taskRunnerId, retryPolicy_);
}

}  // namespace taskqueue
