// Checks that the ends of runs reach the tables.
#include "module/health/checks/checks.h"

namespace taskqueue::health {

Findings checkUnwritten(const Facts& facts) {
  Findings found;
  for (const Runner& runner : facts.runners) {
    if (runner.unwrittenRuns == 0 || runner.unwrittenSeconds <= facts.settings.limits.unwrittenSeconds)
      continue;
    found.push_back(
        {.state = Health::Failed,
         .text =
             marked("Runner %2 on %3 cannot save the ends of its runs: %1; the oldest has waited for %4."),
         .values = {std::to_string(runner.unwrittenRuns), std::to_string(runner.id), runner.identity.hostName,
                    spanText(runner.unwrittenSeconds)},
         .subject = std::to_string(runner.id),
         .since = facts.now() - runner.unwrittenSeconds,
         .count = runner.unwrittenRuns,
         .fixes = commandsToReadRunnerLog()});
  }
  for (const HandlerOutcome& outcome : facts.tables.outcomes) {
    if (outcome.unwritable == 0) continue;
    found.push_back(
        {.state = Health::Warning,
         .text = marked("Runs of %2 whose results the database refused within the last hour: %1."),
         .values = {std::to_string(outcome.unwritable), outcome.taskHandlerClass},
         .subject = outcome.taskHandlerClass,
         .since = outcome.failingSince,
         .count = outcome.unwritable,
         .fixes = commandsToReadRunnerLog()});
  }
  if (found.empty()) found.push_back({.text = marked("None."), .count = 0});
  return found;
}

}  // namespace taskqueue::health
