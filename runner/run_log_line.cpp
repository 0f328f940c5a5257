#include "runner/run_log_line.h"

#include <chrono>
#include <string>

#include "runner/run_line.h"

namespace taskqueue::runner {

void logRun(platform::LogBatch& log, const ClaimedRun& run, const RunVerdict& verdict,
            SteadyTime::duration age) {
  const auto* end = std::get_if<RunEnd>(&verdict);
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(age).count();
  log.add(platform::Level::Info, "run ended",
          {{"TaskHandlerClass", run.task.taskHandlerClass},
           {"outcome", std::string(outcomeOf(verdict))},
           {"ErrorCode", end == nullptr ? std::string() : end->errorCode},
           {"ms", std::int64_t{ms}},
           {"TaskRunId", std::int64_t{run.owned.runId}},
           {"TaskQueueId", std::int64_t{run.owned.taskQueueId}},
           {"Attempt", std::int64_t{run.attempt}}});
}

}  // namespace taskqueue::runner
