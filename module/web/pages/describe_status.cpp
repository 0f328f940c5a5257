#include "module/web/pages/describe_status.h"

#include "module/queue/due_task.h"
#include "module/web/pages/formats.h"

namespace taskqueue::web {
namespace {

std::string untilDue(const WaitFacts& facts) {
  const UnixSeconds due = dueOn(facts.task, facts.now).value_or(facts.now);
  constexpr std::int64_t kMilliseconds = 1000;
  const std::int64_t seconds = due - facts.now;
  return seconds < 10 ? std::to_string(seconds) + " s" : durationText(seconds * kMilliseconds);
}

// Translates a reason of findWaitReason() by its code.
std::string describeReason(const WaitReason& reason, const WaitFacts& facts, const Texts& say) {
  const Task& task = facts.task;
  if (reason.code == "handler_paused") return say.text("The handler %1 is paused.", {task.taskHandlerClass});
  if (reason.code == "queue_paused") return say.text("The queue %1 is paused.", {task.queue});
  if (reason.code == "handler_limit")
    return say.text("No more than %1 of the tasks of the handler %2 may run at once, and as many do.",
                    {std::to_string(facts.maxRunning), task.taskHandlerClass});
  if (reason.code == "key_limit")
    return say.text(
        "No more than %1 of the tasks of the handler %2 with the key %3 may run at once, and as many do.",
        {std::to_string(facts.maxRunningPerKey), task.taskHandlerClass, task.concurrencyKey.value_or("")});
  if (reason.code == "retry_delay")
    return say.text("It has failed and is tried again in %1.", {untilDue(facts)});
  if (reason.code == "not_due") return say.text("It is not due for another %1.", {untilDue(facts)});
  if (reason.code == "no_runner") return say.text("No runner is alive.");
  if (reason.code == "no_runner_of_queue")
    return say.text("No living runner serves the queue %1.", {task.queue});
  if (reason.code == "no_free_slot")
    return say.text("All %1 slots of the runners that could do it are taken.", {std::to_string(facts.slots)});
  if (reason.code == "next") return say.text("It is due and about to be claimed.");
  if (reason.code == "no_handler" && facts.runnersKnowing == 0) {
    if (!facts.handlerWasOffered)
      return say.text("No runner has ever offered the handler %1.", {task.taskHandlerClass});
    if (!facts.handlerOfferedUntil) return say.text("No runner knows %1 now.", {task.taskHandlerClass});
    return say.text("No runner knows %1 since %2.",
                    {task.taskHandlerClass, utcText(*facts.handlerOfferedUntil)});
  }
  if (!task.parkedReason.empty()) return say.text("It is parked: %1.", {task.parkedReason});
  if (reason.code == "no_handler")
    return say.text("No living runner of the queue %1 knows the handler %2.",
                    {task.queue, task.taskHandlerClass});
  return reason.text;
}

}  // namespace

std::string describeStatus(const WaitFacts& facts, const Texts& say) {
  const Task& task = facts.task;
  if (task.superseded && task.lastStatus == RunStatus::Running)
    return say.text(
        "A runner works on it; a newer task has taken its unique key, so that it is not tried again.");
  if (task.superseded) return say.text("A newer task has taken its unique key.");
  if (const auto reason = findWaitReason(facts)) return describeReason(*reason, facts, say);
  if (task.lastStatus == RunStatus::Running) return say.text("A runner works on it.");
  if (isFailure(task.lastStatus)) return say.text("It has failed and is not tried again by itself.");
  if (task.lastStatus == RunStatus::Cancelled) return say.text("It was cancelled.");
  return say.text("It has ended.");
}

std::string suggestAction(const WaitFacts& facts, const Texts& say) {
  const auto reason = findWaitReason(facts);
  if (!reason)
    return isFailure(facts.task.lastStatus) ? say.text("See its last run for the reason, then retry it.")
                                            : "";
  if (reason->code == "no_runner_of_queue")
    return say.text("Name the queue in [runner] queues= of a runner.");
  if (reason->code == "no_handler" && facts.runnersKnowing == 0)
    return facts.handlerWasOffered
               ? say.text(
                     "It runs when a runner offers the handler again: the page health names worker pools "
                     "that do not start.")
               : say.text(
                     "Check the name of the handler, or install the handler where a runner runs; the task "
                     "runs "
                     "then.");
  if (reason->code == "no_handler") return say.text("Install the handler where a runner of this queue runs.");
  return "";
}

std::vector<health::Fix> fixesFor(const WaitFacts& facts) {
  const auto reason = findWaitReason(facts);
  if (!reason) return {};
  if (reason->code == "no_runner") return health::commandsToStartRunners();
  if (reason->code == "queue_paused")
    return {{"taskqueue resume queue " + health::quoteForShell(facts.task.queue), ""}};
  if (reason->code == "handler_paused")
    return {{"taskqueue resume handler " + health::quoteForShell(facts.task.taskHandlerClass), ""}};
  return {};
}

}  // namespace taskqueue::web
