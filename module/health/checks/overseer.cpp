// Checks that the overseer is called and that schedules fire.
#include "module/health/checks/checks.h"
#include "module/queue/schedule/fire.h"

namespace taskqueue::health {

// Without schedules the state stays Ok, since runners rescue and claim without the overseer. Operators are
// notified nevertheless if it is not called.
Findings checkOverseer(const Facts& facts) {
  const OverseerFacts& overseer = facts.overseer;
  const auto ago = [&](UnixSeconds then) { return spanText(overseer.now - then); };
  const bool isSilent = isOverseerSilent(overseer, facts.settings.queue);
  HealthCheck check{.since = overseer.overseerPassedOn};
  if (!overseer.overseerPassedOn) {
    check.text = marked("task-queue:OnProcess was never called.");
  } else if (!isSilent || !overseer.fallbackPassedOn) {
    check.text = marked("task-queue:OnProcess was last called %1 ago.");
    check.values = {ago(*overseer.overseerPassedOn)};
  } else {
    check.text = marked("task-queue:OnProcess was last called %1 ago; a runner did its work %2 ago.");
    check.values = {ago(*overseer.overseerPassedOn), ago(*overseer.fallbackPassedOn)};
  }
  if (!isSilent) return {check};
  check.isNotified = true;
  if (overseer.schedules > 0) check.state = Health::Warning;
  check.fixes = commandsToScheduleOverseer();
  return {check};
}

Findings checkSchedules(const Facts& facts) {
  const OverseerFacts& overseer = facts.overseer;
  Findings found;
  if (overseer.brokenSchedules > 0) {
    found.push_back(
        {.state = Health::Warning,
         .text = marked("%1 enabled; %2 of them cannot fire."),
         .values = {std::to_string(overseer.schedules), std::to_string(overseer.brokenSchedules)},
         .count = overseer.brokenSchedules,
         .fixes = {
             {marked("'taskqueue schedule list' shows the problem; 'taskqueue schedule change' fixes it"),
              ""}}});
  }
  if (overseer.earliestFireOn &&
      *overseer.earliestFireOn < overseer.now - facts.settings.queue.missedAfterSeconds) {
    found.push_back(
        {.state = Health::Failed,
         .text = marked("A schedule should have fired %1 ago."),
         .values = {spanText(overseer.now - *overseer.earliestFireOn)},
         .since = overseer.earliestFireOn,
         .fixes = {
             {marked("Neither the overseer nor a runner fires schedules: fix these problems first"), ""}}});
  }
  if (found.empty()) {
    found.push_back({.text = marked("%1 enabled."),
                     .values = {std::to_string(overseer.schedules)},
                     .count = overseer.schedules});
  }
  return found;
}

}  // namespace taskqueue::health
