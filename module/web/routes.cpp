#include "module/web/routes.h"

namespace taskqueue::web {
namespace {

void addApi(Api& api, std::vector<Route>& to) {
  const auto add = [&](const char* method, std::vector<std::string> pattern, Access access,
                       Answer (Api::*handle)(const Request&)) {
    to.push_back({method, std::move(pattern), access,
                  [&api, handle](const Request& request) { return (api.*handle)(request); }});
  };
  add("GET", {"healthz"}, Access::Open, &Api::health);
  add("GET", {"readyz"}, Access::Open, &Api::readiness);
  add("GET", {"metrics"}, Access::Api, &Api::metrics);
  add("POST", {"api", "v1", "tasks"}, Access::Api, &Api::addTasks);
  add("GET", {"api", "v1", "tasks"}, Access::Api, &Api::listTasks);
  add("GET", {"api", "v1", "tasks", "{Id}"}, Access::Api, &Api::showTask);
  add("POST", {"api", "v1", "tasks", "retry"}, Access::Api, &Api::retryTasks);
  add("POST", {"api", "v1", "tasks", "cancel"}, Access::Api, &Api::cancelTasks);
  add("POST", {"api", "v1", "tasks", "{Id}", "cancel"}, Access::Api, &Api::cancelTask);
  add("POST", {"api", "v1", "tasks", "{Id}", "retry"}, Access::Api, &Api::retryTask);
  add("GET", {"api", "v1", "runs", "{Id}"}, Access::Api, &Api::showRun);
  add("GET", {"api", "v1", "runs", "{Id}", "output"}, Access::Api, &Api::showOutput);
  add("GET", {"api", "v1", "runs", "{Id}", "files"}, Access::Api, &Api::listFiles);
  add("GET", {"api", "v1", "runs", "{Id}", "files", "{Name}"}, Access::Api, &Api::sendFile);
  add("GET", {"api", "v1", "runners"}, Access::Api, &Api::listRunners);
  add("POST", {"api", "v1", "runners", "limit"}, Access::Api, &Api::limitRunners);
  add("POST", {"api", "v1", "runners", "{Id}", "drain"}, Access::Api, &Api::drainRunner);
  add("POST", {"api", "v1", "runners", "{Id}", "stop"}, Access::Api, &Api::stopRunner);
  add("GET", {"api", "v1", "handlers"}, Access::Api, &Api::listHandlers);
  add("GET", {"api", "v1", "health"}, Access::Api, &Api::healthChecks);
  add("GET", {"api", "v1", "pauses"}, Access::Api, &Api::listPauses);
  add("POST", {"api", "v1", "queues", "{Name}", "pause"}, Access::Api, &Api::pauseQueue);
  add("POST", {"api", "v1", "queues", "{Name}", "resume"}, Access::Api, &Api::resumeQueue);
  add("POST", {"api", "v1", "handlers", "{Name}", "pause"}, Access::Api, &Api::pauseHandler);
  add("POST", {"api", "v1", "handlers", "{Name}", "resume"}, Access::Api, &Api::resumeHandler);
  add("POST", {"api", "v1", "handlers", "{Name}", "limit"}, Access::Api, &Api::limitHandler);
  add("GET", {"api", "v1", "schedules"}, Access::Api, &Api::listSchedules);
  add("POST", {"api", "v1", "schedules"}, Access::Api, &Api::addSchedule);
  add("GET", {"api", "v1", "schedules", "{Id}"}, Access::Api, &Api::showSchedule);
  add("PUT", {"api", "v1", "schedules", "{Id}"}, Access::Api, &Api::changeSchedule);
  add("DELETE", {"api", "v1", "schedules", "{Id}"}, Access::Api, &Api::removeSchedule);
  add("POST", {"api", "v1", "schedules", "{Id}", "enable"}, Access::Api, &Api::enableSchedule);
  add("POST", {"api", "v1", "schedules", "{Id}", "disable"}, Access::Api, &Api::disableSchedule);
  add("POST", {"api", "v1", "schedules", "{Id}", "fire"}, Access::Api, &Api::fireSchedule);
  add("POST", {"events", "task-queue:OnProcess"}, Access::Event, &Api::onProcess);
  add("POST", {"events", "task-queue:OnCreateTaskRunners"}, Access::Event, &Api::onCreateTaskRunners);
  add("POST", {"events", "task-runner:OnProcess"}, Access::Event, &Api::onCreateTaskRunners);
  add("POST", {"events", "task-queue:OnDebug"}, Access::Event, &Api::onDebug);
}

// An address of fixed words stands before one with a place for any word.
void addPages(Pages& pages, std::vector<Route>& to) {
  const auto show = [&](std::vector<std::string> pattern, auto& page) {
    to.push_back({"GET", std::move(pattern), Access::View,
                  [&page](const Request& request) -> Answer { return page.show(request); }});
  };
  to.push_back({"GET", {"tasks", "export"}, Access::View, [&pages](const Request& request) {
                  return pages.tasks.exportTasks(request);
                }});
  show({}, pages.overview);
  show({"tasks"}, pages.tasks);
  show({"tasks", "{Id}"}, pages.task);
  show({"runs", "{Id}"}, pages.run);
  show({"queues"}, pages.queues);
  show({"handlers"}, pages.handlers);
  show({"schedules"}, pages.schedules);
  show({"runners"}, pages.runners);
  show({"health"}, pages.health);
  to.push_back({"GET", {"runs", "{Id}", "log"}, Access::View, [&pages](const Request& request) {
                  return pages.run.log(request);
                }});
  to.push_back({"GET", {"runs", "{Id}", "raw"}, Access::View, [&pages](const Request& request) {
                  return pages.run.raw(request);
                }});
  to.push_back({"GET", {"runs", "{Id}", "files", "{Name}"}, Access::View, [&pages](const Request& request) {
                  return pages.run.file(request);
                }});
  to.push_back({"GET", {"chart"}, Access::View, [&pages](const Request& request) {
                  return pages.overview.chart(request);
                }});
  to.push_back({"GET", {"new"}, Access::ViewToOperate, [&pages](const Request& request) {
                  return pages.newTask.show(request);
                }});
}

void addForms(Pages& pages, std::vector<Route>& to) {
  const auto add = [&](std::vector<std::string> pattern, Access access,
                       Answer (PageActions::*handle)(const Request&)) {
    to.push_back({"POST", std::move(pattern), access,
                  [&pages, handle](const Request& request) { return (pages.actions.*handle)(request); }});
  };
  const auto addAsByApi = [&](std::vector<std::string> pattern, PageActions::ApiOperation operation,
                              const std::string& page, Access access = Access::Operate) {
    to.push_back({"POST", std::move(pattern), access, [&pages, operation, page](const Request& request) {
                    return pages.actions.asByApi(operation, request, page);
                  }});
  };
  addAsByApi({"tasks", "{Id}", "cancel"}, &Api::cancelTask, "tasks/{Id}");
  addAsByApi({"tasks", "{Id}", "retry"}, &Api::retryTask, "tasks/{Id}");
  addAsByApi({"queues", "{Name}", "pause"}, &Api::pauseQueue, "queues");
  addAsByApi({"queues", "{Name}", "resume"}, &Api::resumeQueue, "queues");
  addAsByApi({"handlers", "{Name}", "pause"}, &Api::pauseHandler, "handlers");
  addAsByApi({"handlers", "{Name}", "resume"}, &Api::resumeHandler, "handlers");
  addAsByApi({"schedules", "{Id}", "enable"}, &Api::enableSchedule, "schedules");
  addAsByApi({"schedules", "{Id}", "disable"}, &Api::disableSchedule, "schedules");
  addAsByApi({"schedules", "{Id}", "fire"}, &Api::fireSchedule, "schedules");
  addAsByApi({"runners", "{Id}", "drain"}, &Api::drainRunner, "runners", Access::Administer);
  addAsByApi({"runners", "{Id}", "stop"}, &Api::stopRunner, "runners", Access::Administer);
  add({"handlers", "{Name}", "limit"}, Access::Administer, &PageActions::limitHandler);
  add({"runners", "limit"}, Access::Administer, &PageActions::limitRunners);
  add({"view"}, Access::Choose, &PageActions::chooseView);
  to.push_back({"POST",
                {"new"},
                Access::Operate,
                [&pages](const Request& request) { return pages.newTask.enqueue(request); },
                true});
  to.push_back({"POST",
                {"tasks", "bulk"},
                Access::Operate,
                [&pages](const Request& request) { return pages.bulk.act(request); },
                true});
}

}  // namespace

std::vector<Route> makeRoutes(Api& api, Pages& pages) {
  std::vector<Route> routes;
  addApi(api, routes);
  addPages(pages, routes);
  addForms(pages, routes);
  return routes;
}

}  // namespace taskqueue::web
