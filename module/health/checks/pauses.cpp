// Lists the pauses, with their authors, times and numbers of waiting tasks.
#include "module/health/checks/checks.h"

namespace taskqueue::health {
namespace {

std::int64_t waitingFor(const Facts& facts, const Pause& pause) {
  std::int64_t waiting = 0;
  for (const QueueDepth& queue : facts.queues) {
    if (pause.kind == PauseKind::Queue && queue.queue == pause.name) waiting += queue.waiting.value;
  }
  for (const ParkedTasks& parked : facts.tables.parked) {
    if (pause.kind == PauseKind::Handler && parked.taskHandlerClass == pause.name)
      waiting += parked.tasks.value;
  }
  return waiting;
}

}  // namespace

Findings checkPauses(const Facts& facts) {
  Findings found;
  for (const Pause& pause : facts.pauses) {
    const bool isQueue = pause.kind == PauseKind::Queue;
    const std::int64_t waiting = waitingFor(facts, pause);
    const std::int64_t lasts = facts.now() - pause.pausedOn.value_or(0);
    found.push_back(
        {.state = Health::Warning,
         .text = isQueue ? marked("The queue %1 was paused by %2; waiting tasks: %3.")
                         : marked("The handler %1 was paused by %2; waiting tasks: %3."),
         .values = {pause.name,
                    pause.pausedBy.empty() ? "user " + std::to_string(pause.pausedById) : pause.pausedBy,
                    std::to_string(waiting)},
         .subject = pause.name,
         .since = pause.pausedOn,
         .count = waiting,
         .fixes = {{"taskqueue resume " + std::string(toString(pause.kind)) + " " + quoteForShell(pause.name),
                    ""}},
         .isNotified = lasts > facts.settings.limits.pauseSeconds});
  }
  if (found.empty()) found.push_back({.text = marked("Nothing is paused."), .count = 0});
  return found;
}

}  // namespace taskqueue::health
