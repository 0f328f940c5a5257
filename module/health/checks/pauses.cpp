// Lists the pauses, with their authors, times and numbers of waiting tasks.
#include "module/health/checks/checks.h"
#include "module/queue/waiting.h"

namespace taskqueue::health {
namespace {

std::int64_t waitingFor(const Facts& facts, const Pause& pause) {
  std::int64_t waiting = 0;
  for (const QueueDepth& queue : facts.queues) {
    const bool isHeld =
        pause.kind == PauseKind::All || (pause.kind == PauseKind::Queue && queue.queue == pause.name);
    if (isHeld) waiting += queue.waiting.value;
  }
  for (const ParkedTasks& parked : facts.tables.parked) {
    if (pause.kind == PauseKind::Handler && parked.taskHandlerClass == pause.name)
      waiting += parked.tasks.value;
  }
  return waiting;
}

struct Sentences {
  const char* endless;
  const char* ending;  // with the time as %4
};

Sentences sentencesOf(PauseKind kind) {
  switch (kind) {
    case PauseKind::All:
      break;
    case PauseKind::Queue:
      return {marked("The queue %1 was paused by %2; waiting tasks: %3."),
              marked("The queue %1 was paused by %2 until %4; waiting tasks: %3.")};
    case PauseKind::Handler:
      return {marked("The handler %1 was paused by %2; waiting tasks: %3."),
              marked("The handler %1 was paused by %2 until %4; waiting tasks: %3.")};
  }
  return {marked("All queues were paused by %2; waiting tasks: %3."),
          marked("All queues were paused by %2 until %4; waiting tasks: %3.")};
}

std::string authorOf(const Pause& pause) {
  const std::string who =
      pause.pausedBy.empty() ? "user " + std::to_string(pause.pausedById) : pause.pausedBy;
  return pause.terms.reason.empty() ? who : who + " (" + pause.terms.reason + ")";
}

}  // namespace

Findings checkPauses(const Facts& facts) {
  Findings found;
  for (const Pause& pause : facts.pauses) {
    const Sentences say = sentencesOf(pause.kind);
    const std::int64_t waiting = waitingFor(facts, pause);
    const std::int64_t lasts = facts.now() - pause.pausedOn.value_or(0);
    found.push_back({.state = Health::Warning,
                     .text = pause.terms.pausedUntil ? say.ending : say.endless,
                     .values = {pause.name, authorOf(pause), std::to_string(waiting),
                                pause.terms.pausedUntil ? utcText(*pause.terms.pausedUntil) : ""},
                     .subject = pause.name,
                     .since = pause.pausedOn,
                     .count = waiting,
                     .fixes = {{"taskqueue resume " + std::string(toString(pause.kind)) +
                                    (pause.name.empty() ? "" : " " + quoteForShell(pause.name)),
                                ""}},
                     .isNotified = lasts > facts.settings.limits.pauseSeconds});
  }
  if (found.empty()) found.push_back({.text = marked("Nothing is paused."), .count = 0});
  return found;
}

}  // namespace taskqueue::health
