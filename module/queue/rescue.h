// How a run ends whose runner died under it. A pure rule, used by every store.
#pragma once

#include "module/queue/handler_settings.h"
#include "module/queue/tick.h"

namespace taskqueue {

// The ErrorCode of such a run, by which the rescues of a task are counted.
inline constexpr const char* kRunnerDied = "runner_died";

struct RescuePolicy {
  RetryPolicy retry;
  int mostRescues = 3;  // a task under which this many runners died in a row is left alone
};

struct RescuedRun {
  int taskRunnerId = 0;
  int taskRunsFailed = 0;     // of the task, before this run
  int earlierRescues = 0;     // of its runs since the last retry by hand
  bool cancelWanted = false;  // somebody wanted it cancelled: nobody wants another try
  HandlerSettings handler;    // what the dead runner had announced
};

// Fills in the status, the error, the delay and whether it is given up.
void judgeRescue(RunEnd& end, const RescuedRun& run, const RescuePolicy& policy, double chance);

}  // namespace taskqueue
