// Finds parked tasks and their reasons. The check of pauses reports those of paused handlers.
#include <algorithm>

#include "module/health/checks/checks.h"
#include "module/queue/due_task.h"

namespace taskqueue::health {
namespace {

// These reasons differ only by key, so all keys of a handler form one finding.
bool isOfKey(const ParkedTasks& parked) {
  return parked.reason.starts_with(kKeyAtLimitReason);
}

std::string reasonOf(const ParkedTasks& parked) {
  return isOfKey(parked) ? "the limit per concurrency key is reached" : parked.reason;
}

HealthCheck findingOf(const Facts& facts, const ParkedTasks& parked) {
  HealthCheck check{.state = Health::Warning,
                    .text = marked("Parked tasks of %2: %1. Reason: %3."),
                    .values = {std::to_string(parked.tasks.value) + (parked.tasks.more ? "+" : ""),
                               parked.taskHandlerClass, reasonOf(parked)},
                    .subject = parked.taskHandlerClass,
                    .since = parked.since,
                    .count = parked.tasks.value};
  const bool isAtLimit = isOfKey(parked) || parked.reason == kAtLimitReason;
  const std::string handler = quoteForShell(parked.taskHandlerClass);
  if (!isAtLimit) {
    check.fixes = {{marked("Install the handler on a server whose runner serves this queue."), ""},
                   {"taskqueue list --class " + handler, ""}};
    return check;
  }
  // Waiting at a limit is normal, unless a task waits too long.
  const int longest = facts.settings.queue.queueWaitsSeconds;
  const bool isLong = longest > 0 && parked.since && facts.now() - *parked.since > longest;
  check.state = isLong ? Health::Warning : Health::Ok;
  if (isLong) check.fixes = {{"taskqueue limit " + handler + " 0", ""}};
  return check;
}

// Merges findings with the same handler and reason.
void add(Findings& found, HealthCheck check) {
  const auto same = std::find_if(found.begin(), found.end(), [&](const HealthCheck& other) {
    return other.subject == check.subject && other.values.back() == check.values.back();
  });
  if (same == found.end()) return found.push_back(std::move(check));
  same->count = *same->count + *check.count;
  same->values.front() = std::to_string(*same->count);
  if (check.state > same->state) std::swap(same->fixes, check.fixes);
  same->state = std::max(same->state, check.state);
  if (check.since) same->since = std::min(same->since.value_or(*check.since), *check.since);
}

}  // namespace

Findings checkParked(const Facts& facts) {
  Findings found;
  for (const ParkedTasks& parked : facts.tables.parked) {
    if (facts.isPaused(PauseKind::Handler, parked.taskHandlerClass)) continue;
    add(found, findingOf(facts, parked));
  }
  if (found.empty()) found.push_back({.text = marked("None."), .count = 0});
  return found;
}

}  // namespace taskqueue::health
