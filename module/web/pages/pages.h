// Holds all pages of one thread.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "module/web/pages/bulk_page.h"
#include "module/web/pages/errors_page.h"
#include "module/web/pages/handler_page.h"
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
  HandlerPage handler;
  ErrorsPage errors;
  SchedulesPage schedules;
  RunnersPage runners;
  HealthPage health;
  PageActions actions;

  // Everything here must outlive the pages.
  struct Dependencies {
    Stores stores;
    TaskQueue& queue;
    Api& api;
    const Templates& templates;
    const Authorizer& authorizer;
    const platform::WebConfiguration& configuration;
    std::function<void()> wake;
  };
  explicit Pages(const Dependencies& to)
      : frame(to.templates, to.authorizer, to.configuration, [&api = to.api] { return api.recentHealth(); }),
        overview(to.stores.tasks, to.stores.runners, to.stores.maintenance, to.stores.statistics,
                 to.stores.errors, to.stores.clock, to.api, frame),
        tasks(to.stores.handlers, to.stores.statistics, to.stores.clock, frame),
        bulk(to.stores.statistics, to.queue, frame, to.wake),
        task(to.stores.tasks, to.stores.audit, frame, to.configuration.sensitiveMembers),
        run(to.stores.tasks, to.stores.statistics, to.stores.clock, frame, to.configuration.sensitiveMembers),
        newTask(to.stores.tasks, to.stores.handlers, to.queue, frame, to.configuration, to.wake),
        queues(to.stores.runners, to.stores.handlers, to.stores.statistics, to.stores.clock, frame),
        handlers(to.stores.handlers, to.stores.statistics, to.stores.clock, frame),
        handler(to.stores.handlers, to.stores.statistics, to.stores.errors, to.stores.clock, frame),
        errors(to.stores.errors, to.stores.clock, frame),
        schedules(to.stores.schedules, frame),
        runners(to.stores.runners, to.stores.handlers, frame),
        health(to.stores.audit, to.api, frame),
        actions(to.queue, to.api, frame, to.wake) {}
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;
};

}  // namespace taskqueue::web
