// All pages of one thread, tied together.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "module/web/pages/health_page.h"
#include "module/web/pages/overview_page.h"
#include "module/web/pages/run_page.h"
#include "module/web/pages/runners_page.h"
#include "module/web/pages/task_page.h"
#include "module/web/pages/tasks_page.h"

namespace taskqueue::web {

struct Pages {
  PageFrame frame;
  OverviewPage overview;
  TasksPage tasks;
  TaskPage task;
  RunPage run;
  RunnersPage runners;
  HealthPage health;

  Pages(TaskStore& store, const Templates& templates, const Gate& gate,
        const platform::WebConfiguration& configuration,
        std::function<std::optional<std::string>()> schemaProblem)
      : frame(templates, gate, configuration),
        overview(frame),
        tasks(store, frame),
        task(store, frame),
        run(store, frame),
        runners(store, frame),
        health(store, frame, std::move(schemaProblem)) {}
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;
};

}  // namespace taskqueue::web
