// Holds all pages of one thread.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "module/web/pages/activity_page.h"
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
#include "module/web/pages/schedule_form_page.h"
#include "module/web/pages/schedule_page.h"
#include "module/web/pages/schedules_page.h"
#include "module/web/pages/task_form_page.h"
#include "module/web/pages/task_page.h"
#include "module/web/pages/tasks_page.h"

namespace taskqueue::web {

struct Pages {
  PageFrame frame;
  OverviewPage overview;
  TasksPage tasks;
  BulkPage bulk;
  TaskPage task;
  TaskFormPage taskForm;
  RunPage run;
  NewTaskPage newTask;
  QueuesPage queues;
  HandlersPage handlers;
  HandlerPage handler;
  ErrorsPage errors;
  SchedulesPage schedules;
  SchedulePage schedule;
  ScheduleFormPage scheduleForm;
  RunnersPage runners;
  HealthPage health;
  ActivityPage activity;
  PageActions actions;

  // Everything here must outlive the pages.
  struct Dependencies {
    Stores stores;
    TaskQueue& queue;
    Api& api;
    const Templates& templates;
    const Authorizer& authorizer;
    const platform::Configuration& configuration;
    std::function<void()> wake;
  };
  explicit Pages(const Dependencies& to)
      : frame(to.templates, to.authorizer, to.configuration.web,
              [&api = to.api] { return api.recentHealth(); }),
        overview(to.stores.tasks, to.stores.runners, to.stores.maintenance, to.stores.statistics,
                 to.stores.errors, to.stores.clock, to.api, frame),
        tasks(to.stores.handlers, to.stores.statistics, to.stores.clock, frame),
        bulk(to.stores.tasks, to.stores.statistics, to.queue, frame, to.wake),
        task(to.stores.tasks, to.stores.audit, frame, to.configuration.web.sensitiveMembers,
             to.configuration.runner.killGrace),
        taskForm(to.stores.tasks, to.queue, frame, to.configuration.web, to.wake),
        run(to.stores.tasks, to.stores.statistics, to.stores.clock, frame,
            to.configuration.web.sensitiveMembers),
        newTask(to.stores.tasks, to.stores.handlers, to.queue, frame, to.configuration.web, to.wake),
        queues(to.stores.runners, to.stores.handlers, to.stores.statistics, to.stores.clock, frame),
        handlers(to.stores.handlers, to.stores.statistics, to.stores.clock, frame),
        handler(to.stores.handlers, to.stores.statistics, to.stores.errors, to.stores.clock, frame),
        errors(to.stores.errors, to.stores.clock, frame),
        schedules(to.stores.schedules, frame),
        schedule(to.stores, to.queue, frame, to.configuration),
        scheduleForm(to.stores, to.queue, frame, to.configuration),
        runners(to.stores.runners, to.stores.handlers, frame),
        health(to.stores.audit, to.api, frame),
        activity(to.stores.audit, frame),
        actions(to.stores.tasks, to.stores.clock, to.queue, to.api, frame, to.wake) {}
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;
};

}  // namespace taskqueue::web
