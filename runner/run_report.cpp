#include "runner/run_report.h"

#include <unistd.h>

#include <climits>
#include <ctime>

#include "module/json/writer.h"
#include "module/queue/utf8_text.h"

namespace taskqueue::runner {
namespace {

// A pipe takes a line of at most PIPE_BUF bytes as a whole or not at all. JSON writes a control byte as six,
// so lines with many of them have shorter texts.
constexpr std::size_t kTextBytes = 500;
constexpr std::size_t kShortTextBytes = 100;

void addEnd(json::Writer& to, const RunEnd& end, const Task& task, std::size_t textBytes) {
  const auto cut = [textBytes](std::string_view text) { return cutAtCharacter(text, textBytes); };
  to.member("Note", cut(end.progressNote));
  to.member("ErrorCode", cut(end.errorCode)).member("ErrorMessage", cut(end.errorMessage));
  const bool isRetried = isFailure(end.status) && !end.giveUp && task.taskRunsFailed + 1 < task.maxRetries;
  to.member("AgainInSeconds", isRetried ? std::optional(end.retryDelaySeconds) : std::nullopt);
}

std::string lineOf(const ClaimedRun& run, const RunVerdict& verdict, std::chrono::milliseconds age,
                   UnixSeconds now, std::size_t textBytes) {
  const auto cut = [textBytes](std::string_view text) { return cutAtCharacter(text, textBytes); };
  json::Writer to;
  to.startObject().member("StartedOn", now - std::chrono::duration_cast<std::chrono::seconds>(age).count());
  to.member("TaskHandlerClass", cut(run.task.taskHandlerClass)).member("TaskQueueId", run.owned.taskQueueId);
  to.member("TaskRunId", run.owned.runId).member("Attempt", run.attempt).member("Title", cut(run.task.title));
  to.member("Ms", age.count()).member("Outcome", outcomeOf(verdict));
  if (const auto* end = std::get_if<RunEnd>(&verdict)) {
    addEnd(to, *end, run.task, textBytes);
  } else if (const auto* release = std::get_if<RunRelease>(&verdict)) {
    to.member("AgainInSeconds", release->delaySeconds);
  }
  return to.endObject().text();
}

}  // namespace

std::string_view outcomeOf(const RunVerdict& verdict) {
  if (const auto* end = std::get_if<RunEnd>(&verdict)) return toString(end->status);
  const auto* release = std::get_if<RunRelease>(&verdict);
  if (release == nullptr) return "lost";
  return release->delaySeconds > 0 ? "snoozed" : "released";
}

std::string runReport(const ClaimedRun& run, const RunVerdict& verdict, std::chrono::milliseconds age,
                      UnixSeconds now) {
  std::string line = lineOf(run, verdict, age, now, kTextBytes);
  return line.size() < PIPE_BUF ? line : lineOf(run, verdict, age, now, kShortTextBytes);
}

void printRunReport(const ClaimedRun& run, const RunVerdict& verdict, std::chrono::milliseconds age) {
  const std::string line = runReport(run, verdict, age, std::time(nullptr)) + "\n";
  [[maybe_unused]] const auto written = ::write(STDOUT_FILENO, line.data(), line.size());
}

}  // namespace taskqueue::runner
