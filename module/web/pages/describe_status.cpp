#include "module/web/pages/describe_status.h"

#include <algorithm>

#include "module/queue/due_task.h"
#include "module/queue/task_state.h"
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
  if (reason.code == "all_paused") return say.text("All queues are paused.");
  if (reason.code == "queue_paused") return say.text("The queue %1 is paused.", {task.queue});
  if (reason.code == "handler_limit")
    return say.plural("The task waits: only %1 task of the handler %2 may run at a time.",
                      "The task waits: only %1 tasks of the handler %2 may run at a time.", facts.maxRunning,
                      {task.taskHandlerClass});
  if (reason.code == "key_limit")
    return say.plural("The task waits: only %1 task with the key %2 may run at a time.",
                      "The task waits: only %1 tasks with the key %2 may run at a time.",
                      facts.maxRunningPerKey, {task.concurrencyKey.value_or("")});
  if (reason.code == "retry_delay")
    return say.text("%2 of %3 attempts failed. The next attempt starts in %1.",
                    {untilDue(facts), std::to_string(task.taskRunsFailed), std::to_string(task.maxRetries)});
  if (reason.code == "not_due") return say.text("The task starts in %1.", {untilDue(facts)});
  if (reason.code == "no_runner") return say.text("No runner is online.");
  if (reason.code == "no_runner_of_queue")
    return say.text("No online runner serves the queue %1.", {task.queue});
  if (reason.code == "no_free_slot")
    return say.text("The task waits for a free slot: all %1 slots of suitable runners are in use.",
                    {std::to_string(facts.slots)});
  if (reason.code == "next") return say.text("The task is due, and a runner is about to start it.");
  if (reason.code == "no_handler" && facts.runnersKnowing == 0) {
    if (!facts.handlerWasOffered)
      return say.text("No runner has ever offered the handler %1.", {task.taskHandlerClass});
    if (!facts.handlerOfferedUntil)
      return say.text("No runner offers the handler %1 now.", {task.taskHandlerClass});
    return say.text("No runner has offered the handler %1 since %2.",
                    {task.taskHandlerClass, utcText(*facts.handlerOfferedUntil)});
  }
  if (!task.parkedReason.empty()) return say.text("The task is parked: %1.", {task.parkedReason});
  if (reason.code == "no_handler")
    return say.text("No online runner of the queue %1 offers the handler %2.",
                    {task.queue, task.taskHandlerClass});
  return reason.text;
}

std::string describeRunning(const Run& run, UnixSeconds now, const Texts& say) {
  constexpr std::int64_t kMilliseconds = 1000;
  const std::int64_t seconds = std::max<std::int64_t>(now - run.startedOn.value_or(now), 0);
  return say.text("The task has been running on runner %1 for %2.",
                  {run.taskRunnerId ? std::to_string(*run.taskRunnerId) : "—",
                   seconds == 0 ? "0 s" : durationText(seconds * kMilliseconds)});
}

// Says how the task stands without the next run that it may get.
std::string describeRun(const Task& task, const std::optional<Run>& newest, UnixSeconds now,
                        const Texts& say) {
  if (task.lastStatus == RunStatus::Running)
    return newest ? describeRunning(*newest, now, say) : statusText(toString(stateOf(task)), say);
  if (isFailure(task.lastStatus))
    return say.text("The task failed for good and is not retried automatically.");
  if (task.lastStatus == RunStatus::Cancelled) return say.text("The task was cancelled.");
  return newest ? say.text("The task succeeded after %1.", {durationText(newest->runMs)})
                : statusText(toString(stateOf(task)), say);
}

}  // namespace

std::string describeStatus(const WaitFacts& facts, const std::optional<Run>& newest, const Texts& say) {
  const Task& task = facts.task;
  if (task.superseded) {
    const std::string replaced = say.text("A newer task with the same unique key has replaced this task.");
    return task.lastStatus == RunStatus::Running ? describeRun(task, newest, facts.now, say) + " " + replaced
                                                 : replaced;
  }
  if (const auto reason = findWaitReason(facts)) return describeReason(*reason, facts, say);
  return describeRun(task, newest, facts.now, say);
}

std::string suggestAction(const WaitFacts& facts, const Texts& say) {
  const auto reason = findWaitReason(facts);
  if (!reason)
    return isFailure(facts.task.lastStatus)
               ? say.text("Find the reason in the log of the last run, then retry the task.")
               : "";
  if (reason->code == "no_runner_of_queue")
    return say.text("Add the queue to queues= in [runner] of a runner's configuration.");
  if (reason->code == "no_handler" && facts.runnersKnowing == 0)
    return facts.handlerWasOffered ? say.text(
                                         "The task runs as soon as a runner offers the handler again. The "
                                         "page Health lists worker pools that do not start.")
                                   : say.text(
                                         "Check the handler's name, or install the handler on a server with "
                                         "a runner. Then the task runs.");
  if (reason->code == "no_handler")
    return say.text("Install the handler on a server whose runner serves this queue.");
  return "";
}

std::vector<health::Fix> fixesFor(const WaitFacts& facts) {
  const auto reason = findWaitReason(facts);
  if (!reason) return {};
  return reason->code == "no_runner" ? health::commandsToStartRunners() : std::vector<health::Fix>();
}

}  // namespace taskqueue::web
