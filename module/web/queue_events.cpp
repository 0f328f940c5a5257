#include "module/web/queue_events.h"

#include <algorithm>
#include <array>

#include "module/json/read.h"
#include "module/json/writer.h"
#include "module/queue/due_task.h"
#include "module/web/task_json.h"

namespace taskqueue::web {
namespace {

constexpr json::Limits kTask{.bytes = 8 << 20, .depth = 40, .members = 20000, .exactNumbers = true};

QueueEventAnswer answered(json::Writer& to) {
  return {.content = to.endObject().text(), .problem = {}};
}

QueueEventAnswer refused(int status, std::string problem) {
  return {.status = status, .content = {}, .problem = std::move(problem)};
}

QueueEventAnswer onTaskRunUpdate(const QueueEvent& event, const Stores&, TaskQueue& queue) {
  json::Writer to;
  to.startObject().member("Recounted", queue.onAfterTaskRunUpdate(event.id.value()));
  return answered(to);
}

QueueEventAnswer onTaskRunnerUpdate(const QueueEvent& event, const Stores&, TaskQueue& queue) {
  json::Writer to;
  const bool timedOut = queue.onTaskRunnerTimeout(event.id.value());
  to.startObject().member("TimedOut", timedOut);
  QueueEventAnswer answer = answered(to);
  answer.mayHaveDueTasks = timedOut;
  return answer;
}

// Answers the columns that a row of TaskQueue lacks.
QueueEventAnswer beforeTaskCreate(const QueueEvent& event, const Stores& stores, TaskQueue& queue) {
  const auto read = json::read(event.task, kTask);
  if (const auto* problem = std::get_if<json::Problem>(&read))
    return refused(422, "The task: " + problem->text + ".");
  auto parsed = parseNewTask(std::get<json::Document>(read), "");
  QueueEventAnswer answer = refused(422, "The task was not accepted.");
  auto* task = std::get_if<NewTask>(&parsed);
  answer.errors = task != nullptr ? queue.completeTask(*task) : std::get<std::vector<InputError>>(parsed);
  if (!answer.errors.empty()) return answer;
  const UnixSeconds now = stores.clock.now();
  json::Writer to;
  to.startObject().member("QueuedOn", now).member("ScheduledOn", task->scheduledOn.value_or(now));
  to.member("MaxRetries", task->maxRetries.value_or(kDefaultMaxRetries)).member("TaskRunsFailed", 0);
  to.member("LastStatus", toString(RunStatus::Scheduled))
      .member("Queue", task->queue.value_or(kDefaultQueue));
  to.member("Priority", task->priority.value_or(kDefaultPriority));
  return answered(to);
}

// Answers the columns of a row of TaskRuns. The unique key of OpenTaskQueueId keeps a second open run away,
// also one that is inserted at the same time.
QueueEventAnswer beforeRunCreate(const QueueEvent& event, const Stores& stores, TaskQueue&) {
  const int id = event.id.value();
  const auto task = stores.tasks.findTask(id);
  if (!task) return refused(404, "There is no task " + std::to_string(id) + ".");
  int attempt = 1;
  for (const Run& run : stores.tasks.runsOfTask(id)) {
    if (isOpen(run.status))
      return refused(409, "The task has a run that is " + std::string(toString(run.status)) + ".");
    attempt = std::max(attempt, run.attempt + 1);
  }
  if (!mayRunAgain(*task)) return refused(409, "The task has ended, or has no try left.");
  json::Writer to;
  to.startObject().member("TaskQueueId", id).member("OpenTaskQueueId", id).member("Attempt", attempt);
  to.member("Status", toString(RunStatus::Scheduled)).member("PercentsCompleted", 0);
  return answered(to);
}

QueueEventAnswer refreshRunners(const QueueEvent&, const Stores&, TaskQueue& queue) {
  json::Writer to;
  to.startObject().key("TimedOutRunners").startArray();
  const auto timedOut = queue.refreshTaskRunnersStatus();
  for (const int id : timedOut) to.value(id);
  to.endArray();
  QueueEventAnswer answer = answered(to);
  answer.mayHaveDueTasks = !timedOut.empty();
  return answer;
}

QueueEventAnswer createRuns(const QueueEvent&, const Stores&, TaskQueue& queue) {
  json::Writer to;
  const int created = queue.createMissingTaskRuns();
  to.startObject().member("CreatedTaskRuns", created);
  QueueEventAnswer answer = answered(to);
  answer.mayHaveDueTasks = created > 0;
  return answer;
}

QueueEventAnswer countRunners(const QueueEvent&, const Stores& stores, TaskQueue& queue) {
  json::Writer to;
  to.startObject().member("TaskRunners", queue.getTaskRunnerCount());
  to.member("TaskRunnerLimit", stores.handlers.taskRunnerLimit());
  to.member("MissingTaskRunners", queue.getMissingTaskRunnerCount());
  return answered(to);
}

QueueEventAnswer checkHandler(const QueueEvent& event, const Stores&, TaskQueue& queue) {
  const auto handler = queue.createTaskHandler(event.taskHandlerClass);
  if (!handler)
    return refused(404, "No runner has ever announced the handler " + event.taskHandlerClass + ".");
  json::Writer to;
  writeHandler(to, *handler);
  return {.content = to.text(), .problem = {}};
}

struct Listed {
  const char* name;
  EventInput input;
  QueueEventAnswer (*raise)(const QueueEvent&, const Stores&, TaskQueue&);
};

constexpr std::array kEvents{
    Listed{"task-run:OnAfterItemUpdate", EventInput::Id, onTaskRunUpdate},
    Listed{"task-runner:OnAfterItemUpdate", EventInput::Id, onTaskRunnerUpdate},
    Listed{"task-queue:OnBeforeItemCreate", EventInput::Task, beforeTaskCreate},
    Listed{"task-run:OnBeforeItemCreate", EventInput::Id, beforeRunCreate},
    Listed{"task-queue:OnRefreshTaskRunners", EventInput::None, refreshRunners},
    Listed{"task-queue:OnCreateTaskRuns", EventInput::None, createRuns},
    Listed{"task-queue:OnCountTaskRunners", EventInput::None, countRunners},
    Listed{"task-queue:OnCheckTaskHandler", EventInput::TaskHandlerClass, checkHandler},
};

const Listed* find(const std::string& event) {
  const auto found =
      std::find_if(kEvents.begin(), kEvents.end(), [&](const Listed& one) { return event == one.name; });
  return found == kEvents.end() ? nullptr : &*found;
}

}  // namespace

std::optional<EventInput> inputOf(const std::string& event) {
  const Listed* found = find(event);
  return found == nullptr ? std::nullopt : std::optional(found->input);
}

std::vector<std::string> queueEventNames() {
  std::vector<std::string> names;
  for (const Listed& event : kEvents) names.emplace_back(event.name);
  return names;
}

QueueEventAnswer raise(const QueueEvent& event, const Stores& stores, TaskQueue& queue) {
  return find(event.name)->raise(event, stores, queue);
}

}  // namespace taskqueue::web
