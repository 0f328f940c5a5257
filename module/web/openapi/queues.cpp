#include "module/web/openapi/operations.h"

namespace taskqueue::web::openapi {
namespace {

Operation pausing(const char* id, const char* summary) {
  return {id,
          kQueues,
          summary,
          {{200, "It is paused.", "PauseAnswer"}, {422, "The name, the reason or the time cannot be one."}},
          {},
          "PauseTerms",
          false};
}

Operation resuming(const char* id, const char* summary) {
  return {id,
          kQueues,
          summary,
          {{200, "It is not paused.", "PauseAnswer"},
           {422, "The name cannot be one, or the request has a body."}}};
}

}  // namespace

const Operation kListHandlers{"listHandlers",
                              kQueues,
                              "Lists the handlers that a runner offers or has offered.",
                              {{200, "The handlers.", "Handlers"}}};

const Operation kListPauses{"listPauses", kQueues, "Lists what is paused.", {{200, "The pauses.", "Pauses"}}};

const Operation kPauseAll =
    pausing("pauseAll", "Pauses all queues: no task is started until they are resumed.");
const Operation kResumeAll =
    resuming("resumeAll", "Resumes all queues. A pause of a single queue or handler stays.");
const Operation kPauseQueue =
    pausing("pauseQueue", "Pauses a queue: none of its tasks is started until it is resumed.");
const Operation kResumeQueue = resuming("resumeQueue", "Resumes a queue.");
const Operation kPauseHandler =
    pausing("pauseHandler", "Pauses a handler: none of its tasks is started until it is resumed.");
const Operation kResumeHandler = resuming("resumeHandler", "Resumes a handler.");

const Operation kLimitHandler{"limitHandler",
                              kQueues,
                              "Sets how many tasks of a handler run at once over all runners.",
                              {{200, "The limits that hold now.", "HandlerLimitAnswer"},
                               {422, "A limit is missing, unknown or out of its range."}},
                              {},
                              "HandlerLimit"};

std::vector<Schema> queueSchemas() {
  return {{"Handler",
           "A handler as its runners have declared it.",
           {{"TaskHandlerClass", "HandlerClass"},
            {"Kind", "string", "cpp, command, or the name of a worker pool."},
            {"DataSchema", "JsonSchema?", "The JSON Schema of its TaskData; null: any object."},
            {"TimeLimitSeconds", "integer?"},
            {"MaxRetries", "integer?"},
            {"RetryDelaySeconds", "integer?"},
            {"RetryDelayLimitSeconds", "integer?"},
            {"RetryDelays", "integer[]", "The delays of the first retries, in seconds.", false},
            {"UniqueSeconds", "integer?"},
            {"OnCrash", "OnCrash"},
            {"Queue", "string?"},
            {"Priority", "integer?"},
            {"MaxRunning", "integer", "0 allows any number."},
            {"MaxRunningPerKey", "integer", "0 allows any number."},
            {"LiveRunners", "integer", "Living runners that offer it."},
            {"OfferedUntil", "UnixSeconds?", "Since when no runner offers it."}}},
          {"Handlers", "The handlers.", {{"Handlers", "Handler[]"}}},
          {"Pause",
           "A pause of all queues, a queue or a handler.",
           {{"Kind", "PauseKind"},
            {"Name", "string"},
            {"PausedOn", "UnixSeconds?"},
            {"PausedById", "integer"},
            {"PausedBy", "string"},
            {"Reason", "string", "For people."},
            {"PausedUntil", "UnixSeconds?", "The pause ends by itself then; null: when it is resumed."}}},
          {"PauseTerms",
           "Why something is paused, and for how long.",
           {{"Reason", "PauseReason", "For people.", false},
            {"Seconds", "PauseSeconds", "The pause ends by itself after this time.", false}},
           true},
          {"Pauses", "What is paused.", {{"Pauses", "Pause[]"}}},
          {"PauseAnswer",
           "What holds now.",
           {{"Kind", "PauseKind"},
            {"Name", "string"},
            {"Paused", "boolean"},
            {"Changed", "boolean", "It was otherwise before."},
            {"Known", "boolean", "A runner or a task knows the name."}}},
          {"HandlerLimit",
           "The limits of a handler.",
           {{"MaxRunning", "RunningCount", "0 allows any number."},
            {"MaxRunningPerKey", "RunningCount",
             "For tasks with the same ConcurrencyKey. It stays as it is when it is left out.", false}},
           true},
          {"HandlerLimitAnswer",
           "The limits that hold now.",
           {{"TaskHandlerClass", "HandlerClass"},
            {"MaxRunning", "RunningCount"},
            {"MaxRunningPerKey", "RunningCount"},
            {"Known", "boolean", "A runner or a task knows the handler."}}}};
}

}  // namespace taskqueue::web::openapi
