// This part of TaskQueue changes tasks that wait.
#include <algorithm>

#include "module/queue/task_queue.h"

namespace taskqueue {

TaskQueue::ChangeResult TaskQueue::changeTask(int id, const TaskChange& change,
                                              const std::optional<std::string>& onlyIf) {
  ChangeResult result;
  const auto task = stores_.tasks.findTask(id);
  if (!task) return result;
  NewTask wanted;
  wanted.taskHandlerClass = task->taskHandlerClass;
  wanted.taskData = change.taskData.value_or(task->taskData);
  wanted.title = change.title.value_or("");
  wanted.queue = change.queue;
  wanted.priority = change.priority;
  wanted.maxRetries = change.maxRetries;
  wanted.scheduledOn = change.scheduledOn;
  // What does not change is not judged: the rules may be newer than the task.
  for (InputError& error : checkTask(wanted)) {
    const bool isOfData = error.member.starts_with("/TaskData");
    if (error.member != "/TaskHandlerClass" && (!isOfData || change.taskData))
      result.errors.push_back(std::move(error));
  }
  if (result.errors.empty()) result.outcome = stores_.tasks.changeTask(id, change, onlyIf);
  if (result.outcome == ChangeOutcome::TooFewTries) {
    result.errors.push_back({"/MaxRetries", "must be more than the " + std::to_string(task->taskRunsFailed) +
                                                " failed runs that the task has"});
  }
  return result;
}

}  // namespace taskqueue
