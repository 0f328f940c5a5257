#include "module/web/routes.h"

#include "module/web/openapi/operations.h"

namespace taskqueue::web {
namespace {

void addApi(Api& api, std::vector<Route>& to) {
  const auto add = [&](const char* method, std::vector<std::string> pattern, Access access,
                       Answer (Api::*handle)(const Request&), const openapi::Operation& operation,
                       ApiNeed need = {}) -> Route& {
    to.push_back({method, std::move(pattern), access,
                  [&api, handle](const Request& request) { return (api.*handle)(request); }, need,
                  &operation});
    return to.back();
  };
  add("GET", {"healthz"}, Access::Open, &Api::health, openapi::kHealth);
  add("GET", {"readyz"}, Access::Open, &Api::readiness, openapi::kReadiness);
  add("GET", {"metrics"}, Access::Api, &Api::metrics, openapi::kMetrics, {ApiRole::View, ApiScope::Whole});
  add("GET", {"api", "v1", "openapi.json"}, Access::Api, &Api::openApi, openapi::kOpenApi,
      {std::nullopt, ApiScope::Nothing});
  add("POST", {"api", "v1", "tasks"}, Access::Api, &Api::addTasks, openapi::kAddTasks,
      {ApiRole::Enqueue, ApiScope::NewTasks})
      .readsBody = true;
  add("GET", {"api", "v1", "tasks"}, Access::Api, &Api::listTasks, openapi::kListTasks,
      {ApiRole::View, ApiScope::List})
      .readsQuery = true;
  add("GET", {"api", "v1", "tasks", "{Id}"}, Access::Api, &Api::showTask, openapi::kShowTask,
      {ApiRole::View, ApiScope::Task});
  add("PATCH", {"api", "v1", "tasks", "{Id}"}, Access::Api, &Api::changeTask, openapi::kChangeTask,
      {ApiRole::Operate, ApiScope::Task})
      .readsBody = true;
  add("POST", {"api", "v1", "tasks", "retry"}, Access::Api, &Api::retryTasks, openapi::kRetryTasks,
      {ApiRole::Operate, ApiScope::List})
      .readsQuery = true;
  add("POST", {"api", "v1", "tasks", "cancel"}, Access::Api, &Api::cancelTasks, openapi::kCancelTasks,
      {ApiRole::Operate, ApiScope::List})
      .readsQuery = true;
  add("POST", {"api", "v1", "tasks", "{Id}", "cancel"}, Access::Api, &Api::cancelTask, openapi::kCancelTask,
      {ApiRole::Operate, ApiScope::Task});
  add("POST", {"api", "v1", "tasks", "{Id}", "retry"}, Access::Api, &Api::retryTask, openapi::kRetryTask,
      {ApiRole::Operate, ApiScope::Task});
  add("GET", {"api", "v1", "runs", "{Id}"}, Access::Api, &Api::showRun, openapi::kShowRun,
      {ApiRole::View, ApiScope::Run});
  add("GET", {"api", "v1", "runs", "{Id}", "output"}, Access::Api, &Api::showOutput, openapi::kShowOutput,
      {ApiRole::View, ApiScope::Run})
      .readsQuery = true;
  add("GET", {"api", "v1", "runs", "{Id}", "files"}, Access::Api, &Api::listFiles, openapi::kListFiles,
      {ApiRole::View, ApiScope::Run});
  add("GET", {"api", "v1", "runs", "{Id}", "files", "{Name}"}, Access::Api, &Api::sendFile,
      openapi::kSendFile, {ApiRole::View, ApiScope::Run});
  add("GET", {"api", "v1", "runners"}, Access::Api, &Api::listRunners, openapi::kListRunners,
      {ApiRole::View, ApiScope::Whole});
  add("POST", {"api", "v1", "runners", "limit"}, Access::Api, &Api::limitRunners, openapi::kLimitRunners,
      {ApiRole::Administer, ApiScope::Whole})
      .readsBody = true;
  add("POST", {"api", "v1", "runners", "{Id}", "drain"}, Access::Api, &Api::drainRunner,
      openapi::kDrainRunner, {ApiRole::Administer, ApiScope::Whole});
  add("POST", {"api", "v1", "runners", "{Id}", "stop"}, Access::Api, &Api::stopRunner, openapi::kStopRunner,
      {ApiRole::Administer, ApiScope::Whole});
  add("GET", {"api", "v1", "handlers"}, Access::Api, &Api::listHandlers, openapi::kListHandlers,
      {ApiRole::View, ApiScope::Whole});
  add("GET", {"api", "v1", "health"}, Access::Api, &Api::healthChecks, openapi::kHealthChecks,
      {ApiRole::View, ApiScope::Whole});
  add("GET", {"api", "v1", "pauses"}, Access::Api, &Api::listPauses, openapi::kListPauses,
      {ApiRole::View, ApiScope::Whole});
  add("POST", {"api", "v1", "pause"}, Access::Api, &Api::pauseAll, openapi::kPauseAll,
      {ApiRole::Operate, ApiScope::Whole})
      .readsBody = true;
  add("POST", {"api", "v1", "resume"}, Access::Api, &Api::resumeAll, openapi::kResumeAll,
      {ApiRole::Operate, ApiScope::Whole});
  add("POST", {"api", "v1", "queues", "{Name}", "pause"}, Access::Api, &Api::pauseQueue, openapi::kPauseQueue,
      {ApiRole::Operate, ApiScope::Queue})
      .readsBody = true;
  add("POST", {"api", "v1", "queues", "{Name}", "resume"}, Access::Api, &Api::resumeQueue,
      openapi::kResumeQueue, {ApiRole::Operate, ApiScope::Queue});
  add("POST", {"api", "v1", "handlers", "{Name}", "pause"}, Access::Api, &Api::pauseHandler,
      openapi::kPauseHandler, {ApiRole::Operate, ApiScope::Handler})
      .readsBody = true;
  add("POST", {"api", "v1", "handlers", "{Name}", "resume"}, Access::Api, &Api::resumeHandler,
      openapi::kResumeHandler, {ApiRole::Operate, ApiScope::Handler});
  add("POST", {"api", "v1", "handlers", "{Name}", "limit"}, Access::Api, &Api::limitHandler,
      openapi::kLimitHandler, {ApiRole::Administer, ApiScope::Handler})
      .readsBody = true;
  add("GET", {"api", "v1", "schedules"}, Access::Api, &Api::listSchedules, openapi::kListSchedules,
      {ApiRole::View, ApiScope::Whole});
  add("POST", {"api", "v1", "schedules"}, Access::Api, &Api::addSchedule, openapi::kAddSchedule,
      {ApiRole::Operate, ApiScope::Whole})
      .readsBody = true;
  add("GET", {"api", "v1", "schedules", "{Id}"}, Access::Api, &Api::showSchedule, openapi::kShowSchedule,
      {ApiRole::View, ApiScope::Whole});
  add("PUT", {"api", "v1", "schedules", "{Id}"}, Access::Api, &Api::changeSchedule, openapi::kChangeSchedule,
      {ApiRole::Operate, ApiScope::Whole})
      .readsBody = true;
  add("DELETE", {"api", "v1", "schedules", "{Id}"}, Access::Api, &Api::removeSchedule,
      openapi::kRemoveSchedule, {ApiRole::Operate, ApiScope::Whole});
  add("POST", {"api", "v1", "schedules", "{Id}", "enable"}, Access::Api, &Api::enableSchedule,
      openapi::kEnableSchedule, {ApiRole::Operate, ApiScope::Whole});
  add("POST", {"api", "v1", "schedules", "{Id}", "disable"}, Access::Api, &Api::disableSchedule,
      openapi::kDisableSchedule, {ApiRole::Operate, ApiScope::Whole});
  add("POST", {"api", "v1", "schedules", "{Id}", "fire"}, Access::Api, &Api::fireSchedule,
      openapi::kFireSchedule, {ApiRole::Operate, ApiScope::Whole});
  add("POST", {"events", "task-queue:OnProcess"}, Access::Event, &Api::onProcess, openapi::kOnProcess);
  add("POST", {"events", "task-queue:OnCreateTaskRunners"}, Access::Event, &Api::onCreateTaskRunners,
      openapi::kOnCreateTaskRunners);
  add("POST", {"events", "task-runner:OnProcess"}, Access::Event, &Api::onCreateTaskRunners,
      openapi::kOnRunnerProcess);
  add("POST", {"events", "task-queue:OnDebug"}, Access::Event, &Api::onDebug, openapi::kOnDebug);
  add("POST", {"events", "task-queue:OnRefreshTaskRunners"}, Access::Event, &Api::raiseEvent,
      openapi::kOnRefreshTaskRunners);
  add("POST", {"events", "task-queue:OnCreateTaskRuns"}, Access::Event, &Api::raiseEvent,
      openapi::kOnCreateTaskRuns);
  add("POST", {"events", "task-queue:OnCountTaskRunners"}, Access::Event, &Api::raiseEvent,
      openapi::kOnCountTaskRunners);
  add("POST", {"events", "task-queue:OnCheckTaskHandler"}, Access::Event, &Api::raiseEvent,
      openapi::kOnCheckTaskHandler)
      .readsQuery = true;
  add("POST", {"events", "task-run:OnAfterItemUpdate"}, Access::Event, &Api::raiseEvent,
      openapi::kOnTaskRunUpdate)
      .readsQuery = true;
  add("POST", {"events", "task-runner:OnAfterItemUpdate"}, Access::Event, &Api::raiseEvent,
      openapi::kOnTaskRunnerUpdate)
      .readsQuery = true;
  add("POST", {"events", "task-run:OnBeforeItemCreate"}, Access::Event, &Api::raiseEvent,
      openapi::kOnTaskRunCreate)
      .readsQuery = true;
  add("POST", {"events", "task-queue:OnBeforeItemCreate"}, Access::Event, &Api::raiseEvent,
      openapi::kOnTaskCreate)
      .readsBody = true;
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
  add({"api-reference"}, pages.api, &ApiPage::show).readsQuery = true;
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

std::vector<openapi::DescribedRoute> describe(const std::vector<Route>& routes) {
  std::vector<openapi::DescribedRoute> described;
  for (const Route& route : routes)
    described.push_back({route.method, route.pattern, route.access, route.need, route.operation});
  return described;
}

}  // namespace

std::vector<Route> makeRoutes(Api& api, Pages& pages) {
  std::vector<Route> routes;
  addApi(api, routes);
  api.describe(describe(routes));
  addPages(pages, routes);
  addForms(pages, routes);
  return routes;
}

}  // namespace taskqueue::web
