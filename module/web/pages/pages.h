// Holds all pages of one thread.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "module/web/pages/bulk_page.h"
#include "module/web/pages/handlers_page.h"
#include "module/web/pages/health_page.h"
#include "module/web/pages/new_task_page.h"
#include "module/web/pages/overview_page.h"
#include "module/web/pages/page_actions.h"
#include "module/web/pages/queues_page.h"
#include "module/web/pages/run_page.h"
#include "module/web/pages/runners_page.h"
#include "module/web/pages/schedules_page.h"
#include "module/web/pages/task_page.h"
#include "module/web/pages/tasks_page.h"

namespace taskqueue::web {

struct Pages {
  PageFrame frame;
  OverviewPage overview;
  TasksPage tasks;
  BulkPage bulk;
  TaskPage task;
  RunPage run;
  NewTaskPage newTask;
  QueuesPage queues;
  HandlersPage handlers;
  SchedulesPage schedules;
  RunnersPage runners;
  HealthPage health;
  PageActions actions;

  // Everything here must outlive the pages.
  struct Dependencies {
    TaskStore& store;
    TaskQueue& queue;
    Api& api;
    const Templates& templates;
    const Authorizer& authorizer;
    const platform::WebConfiguration& configuration;
    std::function<void()> wake;
  };
  explicit Pages(const Dependencies& to)
      : frame(to.templates, to.authorizer, to.configuration),
        overview(to.store, to.api, frame),
        tasks(to.store, frame),
        bulk(to.store, to.queue, frame, to.wake),
        task(to.store, frame, to.configuration.sensitiveMembers),
        run(to.store, frame, to.configuration.sensitiveMembers),
        newTask(to.store, to.queue, frame, to.configuration, to.wake),
        queues(to.store, frame),
        handlers(to.store, frame),
        schedules(to.store, frame),
        runners(to.store, frame),
        health(to.store, to.api, frame),
        actions(to.queue, to.api, frame, to.wake) {}
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;
};

}  // namespace taskqueue::web
