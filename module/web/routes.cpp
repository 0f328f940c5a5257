#include "module/web/routes.h"

namespace taskqueue::web {
namespace {

void addApi(Api& api, std::vector<Route>& to) {
  const auto add = [&](const char* method, std::vector<std::string> pattern, Access access,
                       Answer (Api::*handle)(const Request&), ApiNeed need = {}) -> Route& {
    to.push_back({method, std::move(pattern), access,
                  [&api, handle](const Request& request) { return (api.*handle)(request); }, need});
    return to.back();
  };
  add("GET", {"healthz"}, Access::Open, &Api::health);
  add("GET", {"readyz"}, Access::Open, &Api::readiness);
  add("GET", {"metrics"}, Access::Api, &Api::metrics, {ApiRole::View, ApiScope::Whole});
  add("POST", {"api", "v1", "tasks"}, Access::Api, &Api::addTasks, {ApiRole::Enqueue, ApiScope::NewTasks})
      .readsBody = true;
  add("GET", {"api", "v1", "tasks"}, Access::Api, &Api::listTasks, {ApiRole::View, ApiScope::List})
      .readsQuery = true;
  add("GET", {"api", "v1", "tasks", "{Id}"}, Access::Api, &Api::showTask, {ApiRole::View, ApiScope::Task});
  add("PATCH", {"api", "v1", "tasks", "{Id}"}, Access::Api, &Api::changeTask,
      {ApiRole::Operate, ApiScope::Task})
      .readsBody = true;
  add("POST", {"api", "v1", "tasks", "retry"}, Access::Api, &Api::retryTasks,
      {ApiRole::Operate, ApiScope::List})
      .readsQuery = true;
  add("POST", {"api", "v1", "tasks", "cancel"}, Access::Api, &Api::cancelTasks,
      {ApiRole::Operate, ApiScope::List})
      .readsQuery = true;
  add("POST", {"api", "v1", "tasks", "{Id}", "cancel"}, Access::Api, &Api::cancelTask,
      {ApiRole::Operate, ApiScope::Task});
  add("POST", {"api", "v1", "tasks", "{Id}", "retry"}, Access::Api, &Api::retryTask,
      {ApiRole::Operate, ApiScope::Task});
  add("GET", {"api", "v1", "runs", "{Id}"}, Access::Api, &Api::showRun, {ApiRole::View, ApiScope::Run});
  add("GET", {"api", "v1", "runs", "{Id}", "output"}, Access::Api, &Api::showOutput,
      {ApiRole::View, ApiScope::Run})
      .readsQuery = true;
  add("GET", {"api", "v1", "runs", "{Id}", "files"}, Access::Api, &Api::listFiles,
      {ApiRole::View, ApiScope::Run});
  add("GET", {"api", "v1", "runs", "{Id}", "files", "{Name}"}, Access::Api, &Api::sendFile,
      {ApiRole::View, ApiScope::Run});
  add("GET", {"api", "v1", "runners"}, Access::Api, &Api::listRunners, {ApiRole::View, ApiScope::Whole});
  add("POST", {"api", "v1", "runners", "limit"}, Access::Api, &Api::limitRunners,
      {ApiRole::Administer, ApiScope::Whole})
      .readsBody = true;
  add("POST", {"api", "v1", "runners", "{Id}", "drain"}, Access::Api, &Api::drainRunner,
      {ApiRole::Administer, ApiScope::Whole});
  add("POST", {"api", "v1", "runners", "{Id}", "stop"}, Access::Api, &Api::stopRunner,
      {ApiRole::Administer, ApiScope::Whole});
  add("GET", {"api", "v1", "handlers"}, Access::Api, &Api::listHandlers, {ApiRole::View, ApiScope::Whole});
  add("GET", {"api", "v1", "health"}, Access::Api, &Api::healthChecks, {ApiRole::View, ApiScope::Whole});
  add("GET", {"api", "v1", "pauses"}, Access::Api, &Api::listPauses, {ApiRole::View, ApiScope::Whole});
  add("POST", {"api", "v1", "pause"}, Access::Api, &Api::pauseAll, {ApiRole::Operate, ApiScope::Whole})
      .readsBody = true;
  add("POST", {"api", "v1", "resume"}, Access::Api, &Api::resumeAll, {ApiRole::Operate, ApiScope::Whole});
  add("POST", {"api", "v1", "queues", "{Name}", "pause"}, Access::Api, &Api::pauseQueue,
      {ApiRole::Operate, ApiScope::Queue})
      .readsBody = true;
  add("POST", {"api", "v1", "queues", "{Name}", "resume"}, Access::Api, &Api::resumeQueue,
      {ApiRole::Operate, ApiScope::Queue});
  add("POST", {"api", "v1", "handlers", "{Name}", "pause"}, Access::Api, &Api::pauseHandler,
      {ApiRole::Operate, ApiScope::Handler})
      .readsBody = true;
  add("POST", {"api", "v1", "handlers", "{Name}", "resume"}, Access::Api, &Api::resumeHandler,
      {ApiRole::Operate, ApiScope::Handler});
  add("POST", {"api", "v1", "handlers", "{Name}", "limit"}, Access::Api, &Api::limitHandler,
      {ApiRole::Administer, ApiScope::Handler})
      .readsBody = true;
  add("GET", {"api", "v1", "schedules"}, Access::Api, &Api::listSchedules, {ApiRole::View, ApiScope::Whole});
  add("POST", {"api", "v1", "schedules"}, Access::Api, &Api::addSchedule, {ApiRole::Operate, ApiScope::Whole})
      .readsBody = true;
  add("GET", {"api", "v1", "schedules", "{Id}"}, Access::Api, &Api::showSchedule,
      {ApiRole::View, ApiScope::Whole});
  add("PUT", {"api", "v1", "schedules", "{Id}"}, Access::Api, &Api::changeSchedule,
      {ApiRole::Operate, ApiScope::Whole})
      .readsBody = true;
  add("DELETE", {"api", "v1", "schedules", "{Id}"}, Access::Api, &Api::removeSchedule,
      {ApiRole::Operate, ApiScope::Whole});
  add("POST", {"api", "v1", "schedules", "{Id}", "enable"}, Access::Api, &Api::enableSchedule,
      {ApiRole::Operate, ApiScope::Whole});
  add("POST", {"api", "v1", "schedules", "{Id}", "disable"}, Access::Api, &Api::disableSchedule,
      {ApiRole::Operate, ApiScope::Whole});
  add("POST", {"api", "v1", "schedules", "{Id}", "fire"}, Access::Api, &Api::fireSchedule,
      {ApiRole::Operate, ApiScope::Whole});
  add("POST", {"events", "task-queue:OnProcess"}, Access::Event, &Api::onProcess);
  add("POST", {"events", "task-queue:OnCreateTaskRunners"}, Access::Event, &Api::onCreateTaskRunners);
  add("POST", {"events", "task-runner:OnProcess"}, Access::Event, &Api::onCreateTaskRunners);
  add("POST", {"events", "task-queue:OnDebug"}, Access::Event, &Api::onDebug);
  add("POST", {"events", "task-queue:OnRefreshTaskRunners"}, Access::Event, &Api::raiseEvent);
  add("POST", {"events", "task-queue:OnCreateTaskRuns"}, Access::Event, &Api::raiseEvent);
  add("POST", {"events", "task-queue:OnCountTaskRunners"}, Access::Event, &Api::raiseEvent);
  add("POST", {"events", "task-queue:OnCheckTaskHandler"}, Access::Event, &Api::raiseEvent).readsQuery = true;
  add("POST", {"events", "task-run:OnAfterItemUpdate"}, Access::Event, &Api::raiseEvent).readsQuery = true;
  add("POST", {"events", "task-runner:OnAfterItemUpdate"}, Access::Event, &Api::raiseEvent).readsQuery = true;
  add("POST", {"events", "task-run:OnBeforeItemCreate"}, Access::Event, &Api::raiseEvent).readsQuery = true;
  add("POST", {"events", "task-queue:OnBeforeItemCreate"}, Access::Event, &Api::raiseEvent).readsBody = true;
}

// Routes with only fixed segments must precede routes with a placeholder.
void addPages(Pages& pages, std::vector<Route>& to) {
  const auto add = [&](std::vector<std::string> pattern, auto& page, auto answer) -> Route& {
    to.push_back({"GET",
                  std::move(pattern),
                  Access::View,
                  [&page, answer](const Request& request) -> Answer { return (page.*answer)(request); },
                  {}});
    return to.back();
  };
  add({"tasks", "export"}, pages.tasks, &TasksPage::exportTasks).readsQuery = true;
  add({}, pages.overview, &OverviewPage::show).readsQuery = true;
  add({"tasks"}, pages.tasks, &TasksPage::show).readsQuery = true;
  add({"tasks", "{Id}"}, pages.task, &TaskPage::show);
  add({"tasks", "{Id}", "edit"}, pages.taskForm, &TaskFormPage::show).access = Access::ViewToOperate;
  add({"runs", "{Id}"}, pages.run, &RunPage::show).readsQuery = true;
  add({"queues"}, pages.queues, &QueuesPage::show);
  add({"handlers"}, pages.handlers, &HandlersPage::show);
  add({"handlers", "{Name}"}, pages.handler, &HandlerPage::show).readsQuery = true;
  add({"errors"}, pages.errors, &ErrorsPage::show).readsQuery = true;
  add({"schedules"}, pages.schedules, &SchedulesPage::show);
  add({"schedules", "preview"}, pages.scheduleForm, &ScheduleFormPage::preview).readsQuery = true;
  Route& newSchedule = add({"schedules", "new"}, pages.scheduleForm, &ScheduleFormPage::showNew);
  newSchedule.access = Access::ViewToOperate;
  newSchedule.readsQuery = true;
  add({"schedules", "{Id}"}, pages.schedule, &SchedulePage::show);
  add({"schedules", "{Id}", "edit"}, pages.scheduleForm, &ScheduleFormPage::showEdit).access =
      Access::ViewToOperate;
  add({"runners"}, pages.runners, &RunnersPage::show);
  add({"health"}, pages.health, &HealthPage::show);
  add({"activity"}, pages.activity, &ActivityPage::show).readsQuery = true;
  add({"runs", "{Id}", "log"}, pages.run, &RunPage::log).readsQuery = true;
  add({"runs", "{Id}", "raw"}, pages.run, &RunPage::raw).readsQuery = true;
  add({"runs", "{Id}", "files", "{Name}"}, pages.run, &RunPage::file);
  add({"chart"}, pages.overview, &OverviewPage::chart).readsQuery = true;
  Route& newTask = add({"new"}, pages.newTask, &NewTaskPage::show);
  newTask.access = Access::ViewToOperate;
  newTask.readsQuery = true;
}

void addForms(Pages& pages, std::vector<Route>& to) {
  const auto add = [&](std::vector<std::string> pattern, Access access, auto& page, auto answer) -> Route& {
    to.push_back({"POST", std::move(pattern), access,
                  [&page, answer](const Request& request) { return (page.*answer)(request); }});
    to.back().readsBody = true;
    return to.back();
  };
  const auto addAsByApi = [&](std::vector<std::string> pattern, PageActions::ApiOperation operation,
                              const std::string& page, const std::string& done,
                              Access access = Access::Operate) {
    to.push_back(
        {"POST", std::move(pattern), access, [&pages, operation, page, done](const Request& request) {
           return pages.actions.asByApi(operation, request, page, done);
         }});
    to.back().readsBody = true;
  };
  add({"tasks", "{Id}", "cancel"}, Access::Operate, pages.actions, &PageActions::cancelTask);
  add({"tasks", "{Id}", "retry"}, Access::Operate, pages.actions, &PageActions::retryTask);
  add({"pause"}, Access::Operate, pages.actions, &PageActions::pauseAll).readsBody = true;
  add({"resume"}, Access::Operate, pages.actions, &PageActions::resumeAll).readsBody = true;
  addAsByApi({"queues", "{Name}", "pause"}, &Api::pauseQueue, "queues", "queue-paused");
  addAsByApi({"queues", "{Name}", "resume"}, &Api::resumeQueue, "queues", "queue-resumed");
  addAsByApi({"handlers", "{Name}", "pause"}, &Api::pauseHandler, "handlers", "handler-paused");
  addAsByApi({"handlers", "{Name}", "resume"}, &Api::resumeHandler, "handlers", "handler-resumed");
  addAsByApi({"schedules", "{Id}", "enable"}, &Api::enableSchedule, "schedules", "schedule-enabled");
  addAsByApi({"schedules", "{Id}", "disable"}, &Api::disableSchedule, "schedules", "schedule-disabled");
  add({"schedules", "{Id}", "fire"}, Access::Operate, pages.actions, &PageActions::fireSchedule);
  addAsByApi({"runners", "{Id}", "drain"}, &Api::drainRunner, "runners", "draining", Access::Administer);
  addAsByApi({"runners", "{Id}", "stop"}, &Api::stopRunner, "runners", "runner-stopping", Access::Administer);
  add({"tasks", "{Id}", "edit"}, Access::Operate, pages.taskForm, &TaskFormPage::change).largeBody = true;
  add({"schedules", "new"}, Access::Operate, pages.scheduleForm, &ScheduleFormPage::add).largeBody = true;
  add({"schedules", "{Id}", "edit"}, Access::Operate, pages.scheduleForm, &ScheduleFormPage::change)
      .largeBody = true;
  add({"schedules", "{Id}", "remove"}, Access::Operate, pages.schedule, &SchedulePage::remove);
  add({"handlers", "{Name}", "limit"}, Access::Administer, pages.actions, &PageActions::limitHandler);
  add({"runners", "limit"}, Access::Administer, pages.actions, &PageActions::limitRunners);
  add({"errors", "{Id}", "state"}, Access::Operate, pages.errors, &ErrorsPage::mark);
  add({"view"}, Access::Choose, pages.actions, &PageActions::chooseView);
  add({"new"}, Access::Operate, pages.newTask, &NewTaskPage::enqueue).largeBody = true;
  add({"tasks", "bulk"}, Access::Operate, pages.bulk, &BulkPage::act).largeBody = true;
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
