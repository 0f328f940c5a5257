// Decides how a run ends after its runner has died. Every store applies this pure rule.
#pragma once

#include "module/queue/handler_settings.h"
#include "module/queue/sync.h"

namespace taskqueue {

// The ErrorCode of such a run. Stores count a task's runner deaths by it.
inline constexpr const char* kRunnerDiedCode = "runner_died";

struct RescuePolicy {
  RetryPolicy retry;
  int maxRunnerDeaths = 3;  // runner deaths after which a task is no longer retried automatically
};

struct RescuedRun {
  int taskRunnerId = 0;
  int taskRunsFailed = 0;        // the task's TaskRunsFailed before this run
  int earlierRunnerDeaths = 0;   // the task's earlier runner deaths since its last retry by hand
  bool cancelRequested = false;  // cancellation was requested, so the task is not retried
  HandlerSettings handler;       // settings that the dead runner had declared
};

// Fills in the status, the error, the retry delay and `giveUp`.
void judgeRescue(RunEnd& end, const RescuedRun& run, const RescuePolicy& policy, double chance);

}  // namespace taskqueue
