#include "module/web/openapi/operations.h"

namespace taskqueue::web::openapi {
namespace {

const std::vector<Reply> kOneRunner{
    {200, "What the runner did, or why none was started.", "RunnerSummary|NoRunner"},
    {503, "A runner could not be started, or one that was started so is still at work."}};

std::vector<Parameter> idOf(const char* description) {
  return {{"Id", "Id", description, true}};
}

}  // namespace

const Operation kOnProcess{
    "onProcess",
    kEvents,
    "Does the overseer's pass: it rescues runs, fires schedules and creates missing runs.",
    {{200, "What the pass did.", "OverseerResult"}}};

const Operation kOnCreateTaskRunners{"onCreateTaskRunners", kEvents,
                                     "Starts a short-lived runner while fewer run than the limit allows.",
                                     kOneRunner};

const Operation kOnRunnerProcess{"onRunnerProcess", kEvents,
                                 "Starts a short-lived runner while fewer run than the limit allows.",
                                 kOneRunner};

const Operation kOnDebug{"onDebug", kEvents, "Starts a short-lived runner, whatever the limit.", kOneRunner};

const Operation kOnRefreshTaskRunners{"onRefreshTaskRunners",
                                      kEvents,
                                      "Ends runners whose process is gone.",
                                      {{200, "The runners that were ended.", "TimedOutRunners"}}};

const Operation kOnCreateTaskRuns{"onCreateTaskRuns",
                                  kEvents,
                                  "Creates the runs that tasks lack.",
                                  {{200, "How many were created.", "CreatedTaskRuns"}}};

const Operation kOnCountTaskRunners{
    "onCountTaskRunners", kEvents, "Counts the runners.", {{200, "The counts.", "RunnerCounts"}}};

const Operation kOnCheckTaskHandler{
    "onCheckTaskHandler",
    kEvents,
    "Answers what a handler has declared.",
    {{200, "The handler.", "Handler"}, {404, "No runner has ever announced the handler."}},
    {{"TaskHandlerClass", "HandlerClass", "The handler.", true}}};

const Operation kOnTaskRunUpdate{"onAfterTaskRunUpdate",
                                 kEvents,
                                 "Sets LastStatus and TaskRunsFailed of a task from its runs.",
                                 {{200, "Whether they were counted.", "Recounted"}},
                                 idOf("The task.")};

const Operation kOnTaskRunnerUpdate{"onAfterTaskRunnerUpdate",
                                    kEvents,
                                    "Ends the running runs of a runner whose Status became timeout.",
                                    {{200, "Whether there was something to do.", "TimedOut"}},
                                    idOf("The runner.")};

const Operation kOnTaskRunCreate{"onBeforeTaskRunCreate",
                                 kEvents,
                                 "Answers the columns of the row of a task's next run. It writes nothing.",
                                 {{200, "The columns.", "RunColumns"},
                                  {404, "There is no such task."},
                                  {409, "The task may have no run now."}},
                                 idOf("The task.")};

const Operation kOnTaskCreate{"onBeforeTaskCreate",
                              kEvents,
                              "Answers the columns that a task's row lacks. It writes nothing.",
                              {{200, "The columns.", "TaskColumns"}, {422, "A member is wrong."}},
                              {},
                              "NewTask"};

std::vector<Schema> eventSchemas() {
  return {{"OverseerResult",
           "What the overseer's pass did.",
           {{"TimedOutRunners", "Id[]"},
            {"RepairedTasks", "Count"},
            {"FiredSchedules", "Count"},
            {"SkippedFirings", "Count"},
            {"MissedFirings", "Count"},
            {"CreatedTaskRuns", "Count"},
            {"PrunedTasks", "Count"}}},
          {"RunnerSummary",
           "What the runner did.",
           {{"TaskRunnerId", "Id"},
            {"Claimed", "Count"},
            {"Succeeded", "Count"},
            {"Failed", "Count"},
            {"Cancelled", "Count"},
            {"Released", "Count"}}},
          {"NoRunner",
           "Why no runner was started.",
           {{"StartedTaskRunners", "Count"},
            {"TaskRunners", "Count"},
            {"TaskRunnerLimit", "Count"},
            {"Reason", "string"}}},
          {"TimedOutRunners", "The runners that were ended.", {{"TimedOutRunners", "Id[]"}}},
          {"CreatedTaskRuns", "How many runs were created.", {{"CreatedTaskRuns", "Count"}}},
          {"RunnerCounts",
           "How many runners there are.",
           {{"TaskRunners", "Count"}, {"TaskRunnerLimit", "Count"}, {"MissingTaskRunners", "Count"}}},
          {"Recounted", "Whether the task was counted.", {{"Recounted", "boolean"}}},
          {"TimedOut", "Whether the runner's runs were ended.", {{"TimedOut", "boolean"}}},
          {"RunColumns",
           "The columns of a run's row.",
           {{"TaskQueueId", "Id"},
            {"OpenTaskQueueId", "Id"},
            {"Attempt", "Count"},
            {"Status", "RunStatus"},
            {"PercentsCompleted", "Count"}}},
          {"TaskColumns",
           "The columns of a task's row.",
           {{"QueuedOn", "UnixSeconds"},
            {"ScheduledOn", "UnixSeconds"},
            {"MaxRetries", "Count"},
            {"TaskRunsFailed", "Count"},
            {"LastStatus", "RunStatus"},
            {"Queue", "string"},
            {"Priority", "Count"}}}};
}

}  // namespace taskqueue::web::openapi
