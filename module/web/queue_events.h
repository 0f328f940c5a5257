// The CMS's events that read or change single rows, and single steps of the overseer's pass. The API and the
// command line trigger the same ones.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "module/queue/task_queue.h"

namespace taskqueue::web {

struct QueueEvent {
  std::string name;
  std::optional<int> id;         // of the task or the runner
  std::string taskHandlerClass;  // for task-queue:OnCheckTaskHandler
  std::string task;              // a task as JSON, for task-queue:OnBeforeItemCreate
};

struct QueueEventAnswer {
  int status = 200;     // as of HTTP: 404 no such row, 409 not allowed now, 422 wrong input
  std::string content;  // JSON, if the status is 200
  std::string problem;  // a sentence otherwise
  std::vector<InputError> errors{};
  bool mayHaveDueTasks = false;  // the runners should be woken
};

enum class EventInput { None, Id, TaskHandlerClass, Task };

// Returns what the event needs, or nothing if there is no such event here.
std::optional<EventInput> inputOf(const std::string& event);
// Returns all names, for messages and routes.
std::vector<std::string> queueEventNames();

// The event must exist and have its input. Throws StoreError.
QueueEventAnswer raise(const QueueEvent& event, const Stores& stores, TaskQueue& queue);

}  // namespace taskqueue::web
