#include "module/queue/waiting.h"
#include "module/queue/time_units.h"

#include <ctime>

#include "module/queue/due_task.h"
#include "module/queue/limits.h"

namespace taskqueue {
namespace {

std::string timeUntil(std::int64_t seconds) {
  if (seconds < 2 * kMinuteSeconds) return std::to_string(seconds) + " s";
  if (seconds < 2 * kHourSeconds) return std::to_string(seconds / kMinuteSeconds) + " min";
  if (seconds < 2 * kDaySeconds) return std::to_string(seconds / kHourSeconds) + " h";
  return std::to_string(seconds / kDaySeconds) + " days";
}

}  // namespace

std::string utcText(UnixSeconds time) {
  const std::time_t seconds = time;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[32];
  const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &parts);
  return {text, size};
}

std::string unknownHandlerText(std::string_view taskHandlerClass, bool wasOffered,
                               std::optional<UnixSeconds> offeredUntil) {
  const std::string name(taskHandlerClass);
  if (!wasOffered) return "No runner has ever offered the handler " + name + ".";
  if (!offeredUntil) return "No runner knows " + name + " now.";
  return "No runner knows " + name + " since " + utcText(*offeredUntil) + ".";
}

std::string suggestHelp(const WaitReason& reason, const WaitFacts& facts) {
  if (reason.code == "all_paused") return "taskqueue resume all";
  if (reason.code == "queue_paused") return "taskqueue resume queue " + facts.task.queue;
  if (reason.code == "handler_paused") return "taskqueue resume handler " + facts.task.taskHandlerClass;
  if (reason.code == "no_runner") return "Start the runners.";
  if (reason.code == "no_runner_of_queue") return "Name the queue in [runner] queues= of a runner.";
  if (reason.code != "no_handler") return "";
  if (facts.runnersKnowing > 0) return "Install the handler where a runner of this queue runs.";
  if (!facts.handlerWasOffered)
    return "Check the name of the handler, or install the handler where a runner runs; the task runs then.";
  return "See taskqueue health for a worker pool that does not start, and start the runners that offered "
         "the "
         "handler; the task runs then.";
}

std::optional<WaitReason> findWaitReason(const WaitFacts& facts) {
  const Task& task = facts.task;
  const bool isParked = !task.parkedReason.empty();
  if (!task.nextRunOn && !isParked) return std::nullopt;
  if (facts.handlerPaused) {
    return WaitReason{"handler_paused", "The handler " + task.taskHandlerClass + " is paused."};
  }
  const auto noHandler = [&] {
    return WaitReason{"no_handler", unknownHandlerText(task.taskHandlerClass, facts.handlerWasOffered,
                                                       facts.handlerOfferedUntil)};
  };
  if (isParked && facts.runnersKnowing == 0) return noHandler();
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
  if (!isQueueName(task.queue)) {  // only plain SQL can write such a name
    return WaitReason{"queue_name", "No runner can serve its Queue, which " + std::string(kQueueNameRule) +
                                        ". Cancel it, and enqueue it in another one."};
  }
  if (facts.allPaused) return WaitReason{"all_paused", "All queues are paused."};
  if (facts.queuePaused) return WaitReason{"queue_paused", "The queue " + task.queue + " is paused."};
  if (facts.runners == 0) return WaitReason{"no_runner", "No runner is alive."};
  if (facts.runnersOfQueue == 0) {
    return WaitReason{"no_runner_of_queue", "No living runner serves the queue " + task.queue + "."};
  }
  if (facts.runnersKnowing == 0) return noHandler();
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
