// The descriptions of all routes of the API, by group. routes.cpp names one for each route.
#pragma once

#include "module/web/openapi/operation.h"

namespace taskqueue::web::openapi {

inline constexpr const char* kTasks = "Tasks";
inline constexpr const char* kRuns = "Runs";
inline constexpr const char* kRunners = "Runners";
inline constexpr const char* kQueues = "Queues and handlers";
inline constexpr const char* kSchedules = "Schedules";
inline constexpr const char* kState = "State";
inline constexpr const char* kEvents = "Events";

extern const Operation kAddTasks, kListTasks, kShowTask, kChangeTask, kRetryTasks, kCancelTasks, kCancelTask,
    kRetryTask;
extern const Operation kShowRun, kShowOutput, kListFiles, kSendFile;
extern const Operation kListRunners, kLimitRunners, kDrainRunner, kStopRunner;
extern const Operation kListHandlers, kListPauses, kPauseAll, kResumeAll, kPauseQueue, kResumeQueue,
    kPauseHandler, kResumeHandler, kLimitHandler;
extern const Operation kListSchedules, kAddSchedule, kShowSchedule, kChangeSchedule, kRemoveSchedule,
    kEnableSchedule, kDisableSchedule, kFireSchedule;
extern const Operation kHealth, kReadiness, kMetrics, kHealthChecks, kOpenApi;
extern const Operation kOnProcess, kOnCreateTaskRunners, kOnRunnerProcess, kOnDebug, kOnRefreshTaskRunners,
    kOnCreateTaskRuns, kOnCountTaskRunners, kOnCheckTaskHandler, kOnTaskRunUpdate, kOnTaskRunnerUpdate,
    kOnTaskRunCreate, kOnTaskCreate;

// The schemas of each group.
std::vector<Schema> taskSchemas();
std::vector<Schema> runSchemas();
std::vector<Schema> runnerSchemas();
std::vector<Schema> queueSchemas();
std::vector<Schema> scheduleSchemas();
std::vector<Schema> stateSchemas();
std::vector<Schema> eventSchemas();

}  // namespace taskqueue::web::openapi
