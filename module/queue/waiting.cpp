#include "module/queue/waiting.h"

#include "module/queue/due_task.h"

namespace taskqueue {
namespace {

std::string timeUntil(std::int64_t seconds) {
  constexpr std::int64_t kMinute = 60;
  constexpr std::int64_t kHour = 3600;
  constexpr std::int64_t kDay = 86400;
  if (seconds < 2 * kMinute) return std::to_string(seconds) + " s";
  if (seconds < 2 * kHour) return std::to_string(seconds / kMinute) + " min";
  if (seconds < 2 * kDay) return std::to_string(seconds / kHour) + " h";
  return std::to_string(seconds / kDay) + " days";
}

}  // namespace

std::optional<WaitReason> whyWaiting(const WaitFacts& facts) {
  const Task& task = facts.task;
  const bool isParked = !task.parkedReason.empty();
  if (!task.nextRunOn && !isParked) return std::nullopt;
  if (facts.handlerPaused) {
    return WaitReason{"handler_paused", "The handler " + task.taskHandlerClass + " is paused."};
  }
  if (isParked && task.parkedReason == kAtLimitReason) {
    return WaitReason{"handler_limit", "No more than " + std::to_string(facts.maxRunning) +
                                           " of the tasks of the handler " + task.taskHandlerClass +
                                           " may run at once, and as many do."};
  }
  if (isParked && task.parkedReason.starts_with(kKeyAtLimitReason)) {
    return WaitReason{"key_limit", "No more than " + std::to_string(facts.maxRunningPerKey) +
                                       " of the tasks of the handler " + task.taskHandlerClass +
                                       " with the key " + task.concurrencyKey.value_or("") +
                                       " may run at once, and as many do."};
  }
  if (isParked) {
    const bool unknown = facts.runnersAble == 0;
    return WaitReason{unknown ? "no_handler" : "parked", "It is parked: " + task.parkedReason + "."};
  }
  const UnixSeconds due = dueOn(task, facts.now).value_or(facts.now);
  if (due > facts.now) {
    const std::string until = timeUntil(due - facts.now);
    if (isFailure(task.lastStatus))
      return WaitReason{"retry_delay", "It has failed and is tried again in " + until + "."};
    return WaitReason{"not_due", "It is not due for another " + until + "."};
  }
  if (facts.queuePaused) return WaitReason{"queue_paused", "The queue " + task.queue + " is paused."};
  if (facts.runners == 0) return WaitReason{"no_runner", "No runner is alive."};
  if (facts.runnersOfQueue == 0) {
    return WaitReason{"no_runner_of_queue", "No living runner serves the queue " + task.queue + "."};
  }
  if (facts.runnersAble == 0) {
    return WaitReason{"no_handler", "No living runner of the queue " + task.queue + " knows the handler " +
                                        task.taskHandlerClass + "."};
  }
  if (facts.slotsTaken >= facts.slots) {
    return WaitReason{"no_free_slot", "All " + std::to_string(facts.slots) +
                                          " slots of the runners that could do it are taken."};
  }
  return WaitReason{"next", "It is due and about to be claimed."};
}

}  // namespace taskqueue
