#include "module/queue/rescue.h"

namespace taskqueue {

void judgeRescue(RunEnd& end, const RescuedRun& run, const RescuePolicy& policy, double chance) {
  const bool isPoison = run.earlierRunnerDeaths + 1 >= policy.maxRunnerDeaths;
  const bool fails = run.handler.onCrash == OnCrash::Fail;
  end.status = RunStatus::Timeout;
  end.errorCode = kRunnerDiedCode;
  end.errorMessage = "The runner of this run (TaskRunners.Id " + std::to_string(run.taskRunnerId) +
                     ") died or lost its lease before the run ended.";
  if (isPoison) {
    end.errorMessage += " It was the runner number " + std::to_string(run.earlierRunnerDeaths + 1) +
                        " that died under this task: it is not tried again by itself.";
  } else if (fails) {
    end.errorMessage += " Its handler does not want to be tried again after a crash.";
  }
  end.retryDelaySeconds =
      run.handler.retryPolicy(policy.retry).delayAfter(run.taskRunsFailed + 1, chance).count();
  end.giveUp = run.cancelRequested || isPoison || fails;
}

}  // namespace taskqueue
