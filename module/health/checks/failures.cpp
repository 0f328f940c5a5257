// Checks that the runs of each handler fail no more often than usual. Statistics cover complete minutes, so a
// failure shows up to 75 s late.
#include <algorithm>

#include "module/health/checks/checks.h"

namespace taskqueue::health {
namespace {

constexpr std::int64_t kPercent = 100;

std::int64_t percentOf(const HandlerOutcome& outcome) {
  const std::int64_t ended = outcome.succeeded + outcome.failed;
  return ended == 0 ? 0 : outcome.failed * kPercent / ended;
}

// If no run succeeded, few runs give a warning and many a failure. If some failed, a warning needs enough
// runs and a failure rate that is high, or high for this handler.
Health stateOf(const Facts& facts, const HandlerOutcome& outcome, std::int64_t usualPercent) {
  const HealthLimits& limits = facts.settings.limits;
  const bool areEnough = outcome.succeeded + outcome.failed >= limits.failingRuns;
  if (outcome.succeeded == 0) return areEnough ? Health::Failed : Health::Warning;
  if (!areEnough) return Health::Ok;
  const std::int64_t percent = percentOf(outcome);
  const bool isHigh =
      percent >= limits.failingPercent || percent >= usualPercent + limits.failingAboveUsualPercent;
  return isHigh ? Health::Warning : Health::Ok;
}

HealthCheck findingOf(const Facts& facts, const HandlerOutcome& outcome) {
  const auto usual = facts.usual.find(outcome.taskHandlerClass);
  const std::int64_t usualPercent = usual == facts.usual.end() ? 0 : percentOf(usual->second);
  const std::int64_t ended = outcome.succeeded + outcome.failed;
  HealthCheck check{
      .state = stateOf(facts, outcome, usualPercent),
      .text = marked("%1 of %2 runs failed within the last hour. Tasks that failed for good: %3."),
      .values = {std::to_string(outcome.failed), std::to_string(ended),
                 std::to_string(outcome.failedForGood)},
      .subject = outcome.taskHandlerClass,
      .since = outcome.failingSince,
      .count = outcome.failed,
      .numbers = {{"FailedTasks", outcome.failedForGood}, {"EndedRuns", ended}}};
  if (usual != facts.usual.end()) {
    check.text =
        marked("%1 of %2 runs failed within the last hour; %4 % is usual. Tasks that failed for good: %3.");
    check.values.push_back(std::to_string(usualPercent));
  }
  if (check.state == Health::Ok && outcome.failedForGood == 0) return check;
  check.isNotified = true;
  check.fixes = {{"taskqueue list --status error --class " + quoteForShell(outcome.taskHandlerClass), ""}};
  return check;
}

}  // namespace

Findings checkFailures(const Facts& facts) {
  Findings found;
  std::int64_t failed = 0;
  std::int64_t ended = 0;
  for (const HandlerOutcome& outcome : facts.tables.outcomes) {
    failed += outcome.failed;
    ended += outcome.succeeded + outcome.failed;
    if (outcome.failed == 0) continue;
    HealthCheck check = findingOf(facts, outcome);
    if (check.state != Health::Ok || check.notifiesOperators()) found.push_back(std::move(check));
  }
  if (found.empty()) {
    found.push_back({.text = marked("%1 of %2 runs failed within the last hour."),
                     .values = {std::to_string(failed), std::to_string(ended)},
                     .count = failed});
  }
  return found;
}

}  // namespace taskqueue::health
