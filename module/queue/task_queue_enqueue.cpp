// This part of TaskQueue checks and completes new tasks.
#include <algorithm>
#include <unordered_set>
#include <utility>

#include "module/queue/control_characters.h"
#include "module/queue/message_origin.h"
#include "module/queue/notification.h"
#include "module/queue/task_queue.h"
#include "module/queue/utf8_text.h"

namespace taskqueue {
namespace {

constexpr std::size_t kQuotedClassBytes = 255;  // quoted bytes of a sender's word in a message

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
  return completeTask(complete);
}

std::vector<InputError> TaskQueue::completeTask(NewTask& task) {
  HandlersOfRequest handlers;
  std::vector<InputError> errors;
  completeTask(task, handlers);
  checkNewTask(task, stores_.clock.now(), "", handlers, errors);
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
  if (!task.uniqueKey && task.uniqueMode.value_or(UniqueMode::Keep) != UniqueMode::Keep)
    refuse("UniqueMode", "needs a UniqueKey");
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

}  // namespace taskqueue
