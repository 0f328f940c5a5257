// Checks that due tasks start, and finds the causes if they do not.
#include <algorithm>

#include "module/health/checks/checks.h"

namespace taskqueue::health {
namespace {

// Describes why a queue's oldest due task does not start, and the fixes. A busy queue is a warning after
// queueWaitsSeconds. A queue that can start nothing has failed.
struct Cause {
  const char* text;
  std::vector<std::string> more = {};  // values for %3 of the text
  bool isStuck = true;
  std::vector<Fix> fixes = {};
};

bool isNothingStarted(const Facts& facts) {
  return facts.now() - facts.tables.runStartedOn.value_or(0) > facts.settings.limits.stuckSeconds;
}

Cause causeKey(const Facts& facts, const QueueDepth& queue) {
  const auto oldest = facts.oldest.find(queue.queue);
  const auto reason = oldest == facts.oldest.end() ? std::nullopt : findWaitReason(oldest->second);
  const std::string code = reason ? reason->code : "";
  if (code == "no_runner")
    return {.text = marked("Task %1 has been due for %2: no runner is online."),
            .fixes = commandsToStartRunners()};
  if (code == "no_runner_of_queue")
    return {.text = marked("Task %1 has been due for %2: no online runner serves this queue."),
            .fixes = {{marked("Add the queue to queues= in [runner] of a runner's configuration."), ""}}};
  if (code == "no_handler")
    return {
        .text = marked("Task %1 has been due for %2: no online runner of this queue offers its handler %3."),
        .more = {oldest->second.task.taskHandlerClass},
        .fixes = {{marked("Install the handler on a server whose runner serves this queue."), ""}}};
  if (code == "no_free_slot")
    return {.text = marked("Task %1 has been due for %2: all %3 slots of suitable runners are in use."),
            .more = {std::to_string(oldest->second.slots)},
            .isStuck = false,
            .fixes = {{marked("Start more runners, or raise slots= in [runner]."), ""}}};
  if (isNothingStarted(facts))
    return {.text = marked("Task %1 has been due for %2, and no run has started since then."),
            .fixes = commandsToReadRunnerLog()};
  return {.text = marked("Task %1 has been due for %2: other tasks come before it."),
          .isStuck = false,
          .fixes = {{marked("Start more runners, or raise slots= in [runner]."), ""}}};
}

}  // namespace

Findings checkWaiting(const Facts& facts) {
  Findings found;
  const int longest = facts.settings.queue.queueWaitsSeconds;
  for (const QueueDepth& queue : facts.queues) {
    if (!facts.waitsTooLong(queue)) continue;
    const std::int64_t waits = facts.now() - *queue.oldestDue;
    Cause cause = causeKey(facts, queue);
    if (!cause.isStuck && (longest == 0 || waits <= longest)) continue;
    HealthCheck check{.state = cause.isStuck ? Health::Failed : Health::Warning,
                      .text = cause.text,
                      .values = {std::to_string(queue.oldestTaskId), spanText(waits)},
                      .subject = queue.queue,
                      .since = queue.oldestDue,
                      .count = queue.waiting.value,
                      .fixes = std::move(cause.fixes)};
    check.values.insert(check.values.end(), cause.more.begin(), cause.more.end());
    found.push_back(std::move(check));
  }
  if (found.empty()) found.push_back({.text = marked("No due task waits too long.")});
  return found;
}

}  // namespace taskqueue::health
