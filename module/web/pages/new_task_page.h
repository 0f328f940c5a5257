// A new task by hand: a form made from the handler's JSON Schema, or raw JSON; or a copy of a task, to be
// edited.
#pragma once

#include <functional>

#include "module/queue/task_queue.h"
#include "module/web/form.h"
#include "module/web/pages/json_tree.h"
#include "module/web/pages/page_frame.h"

namespace taskqueue::web {

class NewTaskPage {
 public:
  NewTaskPage(TaskStore& store, TaskQueue& queue, const PageFrame& frame,
              const platform::WebConfiguration& configuration, std::function<void()> wake)
      : store_(store),
        queue_(queue),
        frame_(frame),
        tree_(configuration.sensitiveMembers),
        cmsEvents_(configuration.cmsEvents),
        wake_(std::move(wake)) {}

  Answer show(const Request& request);
  // 303 to the new task; 422 with the form as it was filled in and what is wrong with it.
  Answer enqueue(const Request& request);

 private:
  // The task that the form is a copy of: whom it tells.
  struct Copied {
    int id = 0;
    int queuedById = 0;
    TaskNotification notify;
  };
  // What stands in the form.
  struct Draft {
    std::string taskHandlerClass;
    std::string taskData = "{}";
    FormValues fields;  // the others, by their names
    bool raw = false;
    bool masked = false;
    bool unreadable = false;  // the TaskData that it is a copy of
    std::optional<Copied> copied;
    std::vector<InputError> errors;
  };
  Response form(const Request& request, const Draft& draft);
  Copied copied(const Task& task);
  // The copy tells whom its original told, where the form has not been given somebody else.
  static void copyNotification(const Copied& from, NewTask& task, const Texts& say);
  Response choice(const Request& request);

  TaskStore& store_;
  TaskQueue& queue_;
  const PageFrame& frame_;
  JsonTree tree_;
  const std::vector<std::string>& cmsEvents_;  // that may be enqueued here
  std::function<void()> wake_;
};

}  // namespace taskqueue::web
