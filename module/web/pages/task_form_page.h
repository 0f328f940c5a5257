// Edits a task that waits: its title, time, queue, priority, tries and data, but never its handler.
#pragma once

#include <functional>

#include "module/queue/store/task_store.h"
#include "module/queue/task_queue.h"
#include "module/web/pages/json_tree.h"
#include "module/web/pages/page_frame.h"

namespace taskqueue::web {

class TaskFormPage {
 public:
  TaskFormPage(TaskStore& tasks, TaskQueue& queue, const PageFrame& frame,
               const platform::WebConfiguration& configuration, std::function<void()> wake)
      : tasks_(tasks),
        queue_(queue),
        frame_(frame),
        tree_(configuration.sensitiveMembers),
        cmsEvents_(configuration.cmsEvents),
        wake_(std::move(wake)) {}

  Answer show(const Request& request);    // 200; 404; 409 if the task runs or has ended
  Answer change(const Request& request);  // 303 to the task; 404; 409; 422 with the form and its errors

 private:
  // Holds the values of the form.
  struct Draft {
    Task task;
    std::string shownData;
    std::string scheduledOn;
    bool raw = false;
    bool masked = false;
    std::string version;
    std::vector<InputError> errors;
  };
  Response form(const Request& request, const Draft& draft);

  TaskStore& tasks_;
  TaskQueue& queue_;
  const PageFrame& frame_;
  JsonTree tree_;
  const std::vector<std::string>& cmsEvents_;  // events that this page may give a task
  std::function<void()> wake_;
};

}  // namespace taskqueue::web
