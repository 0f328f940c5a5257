#include "runner/run_log_line.h"

#include <string>

namespace taskqueue::runner {
namespace {

std::string outcomeOf(const RunVerdict& verdict) {
  if (const auto* end = std::get_if<RunEnd>(&verdict)) return std::string(toString(end->status));
  const auto* release = std::get_if<RunRelease>(&verdict);
  if (release == nullptr) return "lost";
  return release->delaySeconds > 0 ? "snoozed" : "released";
}

}  // namespace

void logRun(platform::LogBatch& log, const ClaimedRun& run, const RunVerdict& verdict,
            std::chrono::milliseconds age) {
  const auto* end = std::get_if<RunEnd>(&verdict);
  log.add(platform::Level::Info, "run ended",
          {{"TaskHandlerClass", run.task.taskHandlerClass},
           {"outcome", outcomeOf(verdict)},
           {"ErrorCode", end == nullptr ? std::string() : end->errorCode},
           {"ms", std::int64_t{age.count()}},
           {"TaskRunId", std::int64_t{run.owned.runId}},
           {"TaskQueueId", std::int64_t{run.owned.taskQueueId}},
           {"Attempt", std::int64_t{run.attempt}}});
}

}  // namespace taskqueue::runner
