#include "module/web/openapi/operations.h"

namespace taskqueue::web::openapi {
namespace {

const char* const kAsked = "The runner hears of it with its next heartbeat.";
const char* const kNotRunning = "The runner is not running.";

}  // namespace

const Operation kListRunners{"listRunners",
                             kRunners,
                             "Lists the living runners, then those that have ended, the newest first.",
                             {{200, "The runners.", "Runners"}}};

const Operation kLimitRunners{"limitRunners",
                              kRunners,
                              "Sets up to how many runners the events start some.",
                              {{200, "The limit was set.", "RunnerLimit"},
                               {409, "Another program changed the limit at the same time."},
                               {422, "The limit is missing or out of its range."}},
                              {},
                              "RunnerLimit"};

const Operation kDrainRunner{"drainRunner",
                             kRunners,
                             "Asks a runner to finish what it has, to take nothing new, and to end.",
                             {{202, kAsked, "Created"}, {409, kNotRunning}}};

const Operation kStopRunner{"stopRunner",
                            kRunners,
                            "Asks a runner to end soon. What does not finish in time is released.",
                            {{202, kAsked, "Created"}, {409, kNotRunning}}};

std::vector<Schema> runnerSchemas() {
  return {{"RunnerLimit",
           "How many runners the events start at most.",
           {{"TaskRunnerLimit", "RunnerCount"}},
           true},
          {"RunnerProblem",
           "What a runner cannot use.",
           {{"Pool", "string", "The worker pool."}, {"Problem", "string"}}},
          {"Runner",
           "A process that executes tasks.",
           {{"Id", "Id"},
            {"ProcessId", "integer"},
            {"HostName", "string"},
            {"StartedOn", "UnixSeconds?"},
            {"FinishedOn", "UnixSeconds?"},
            {"Status", "RunnerStatus"},
            {"LastHeartbeatOn", "UnixSeconds?"},
            {"HeartbeatAgeSeconds", "integer"},
            {"Version", "string"},
            {"Queues", "string", "The queues that it serves, with commas between them."},
            {"Slots", "integer", "The most runs at the same time."},
            {"MemoryKb", "integer", "KiB."},
            {"DrainRequestedOn", "UnixSeconds?"},
            {"StopRequestedOn", "UnixSeconds?"},
            {"ActiveRuns", "integer"},
            {"Problems", "RunnerProblem[]"}}},
          {"Runners", "The runners.", {{"TaskRunnerLimit", "RunnerCount"}, {"Runners", "Runner[]"}}}};
}

}  // namespace taskqueue::web::openapi
