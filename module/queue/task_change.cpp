#include "module/queue/task_change.h"

#include "module/queue/content_version.h"
#include "module/queue/waiting.h"

namespace taskqueue {
namespace {

std::string timeOrNone(const std::optional<UnixSeconds>& time) {
  return time ? utcText(*time) : "none";
}

template <typename T, typename Had>
void dropSame(std::optional<T>& wanted, const Had& had) {
  if (wanted && wanted == had) wanted.reset();
}

}  // namespace

std::string versionOf(const Task& task) {
  return contentVersion({task.title, task.taskData, task.queue, std::to_string(task.priority),
                         std::to_string(task.maxRetries), timeOrNone(task.scheduledOn)});
}

TaskChange withoutSame(TaskChange change, const Task& task) {
  dropSame(change.title, task.title);
  dropSame(change.taskData, task.taskData);
  dropSame(change.queue, task.queue);
  dropSame(change.priority, task.priority);
  dropSame(change.maxRetries, task.maxRetries);
  dropSame(change.scheduledOn, task.scheduledOn);
  return change;
}

bool isEmpty(const TaskChange& change) {
  return !change.title && !change.taskData && !change.queue && !change.priority && !change.maxRetries &&
         !change.scheduledOn;
}

Task changed(Task task, const TaskChange& change, UnixSeconds now) {
  task.title = change.title.value_or(task.title);
  task.taskData = change.taskData.value_or(task.taskData);
  task.queue = change.queue.value_or(task.queue);
  task.priority = change.priority.value_or(task.priority);
  task.maxRetries = change.maxRetries.value_or(task.maxRetries);
  if (change.scheduledOn) task.scheduledOn = task.nextRunOn = change.scheduledOn;
  if (!task.nextRunOn) task.nextRunOn = now;
  task.parkedReason.clear();
  return task;
}

std::string describeChange(const Task& before, const TaskChange& change) {
  std::string text;
  const auto say = [&](const char* name, const std::string& old, const std::string& now) {
    text += (text.empty() ? "" : ", ") + std::string(name) + " " + old + " → " + now;
  };
  const auto bytes = [](const std::string& data) { return std::to_string(data.size()) + " bytes"; };
  if (change.scheduledOn) say("ScheduledOn", timeOrNone(before.scheduledOn), timeOrNone(change.scheduledOn));
  if (change.priority) say("Priority", std::to_string(before.priority), std::to_string(*change.priority));
  if (change.queue) say("Queue", before.queue, *change.queue);
  if (change.maxRetries)
    say("MaxRetries", std::to_string(before.maxRetries), std::to_string(*change.maxRetries));
  if (change.taskData) say("TaskData", bytes(before.taskData), bytes(*change.taskData));
  if (change.title) say("Title", "'" + before.title + "'", "'" + *change.title + "'");
  return text;
}

}  // namespace taskqueue
