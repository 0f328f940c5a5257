// Enqueues a task by hand. The form is made from the handler's JSON Schema or has raw JSON, and may start as
// a copy of a task.
#pragma once

#include <functional>

#include "module/queue/store/handler_store.h"
#include "module/queue/store/task_store.h"
#include "module/queue/task_queue.h"
#include "module/web/form.h"
#include "module/web/pages/json_tree.h"
#include "module/web/pages/page_frame.h"

namespace taskqueue::web {

class NewTaskPage {
 public:
  NewTaskPage(TaskStore& tasks, HandlerStore& handlers, TaskQueue& queue, const PageFrame& frame,
              const platform::WebConfiguration& configuration, std::function<void()> wake)
      : tasks_(tasks),
        handlers_(handlers),
        queue_(queue),
        frame_(frame),
        tree_(configuration.sensitiveMembers),
        cmsEvents_(configuration.cmsEvents),
        wake_(std::move(wake)) {}

  Answer show(const Request& request);
  // Answers 303 to the new task, or 422 with the filled form and its errors.
  Answer enqueue(const Request& request);

 private:
  // Holds the original task of a copy, and its notification.
  struct Copied {
    int id = 0;
    int queuedById = 0;
    TaskNotification notify;
  };
  // Holds the values of the form.
  struct Draft {
    std::string taskHandlerClass;
    std::string taskData = "{}";
    FormValues fields;  // other fields by name
    bool raw = false;
    bool masked = false;
    bool unreadable = false;  // the TaskData of the original cannot be shown
    std::optional<Copied> copied;
    std::vector<InputError> errors;
  };
  Response form(const Request& request, const Draft& draft);
  Copied copied(const Task& task);
  // Copies the original's notification unless the form has a different recipient.
  static void copyNotification(const Copied& from, NewTask& task, const Texts& say);
  Response choice(const Request& request);

  TaskStore& tasks_;
  HandlerStore& handlers_;
  TaskQueue& queue_;
  const PageFrame& frame_;
  JsonTree tree_;
  const std::vector<std::string>& cmsEvents_;  // events that this page may enqueue
  std::function<void()> wake_;
};

}  // namespace taskqueue::web
