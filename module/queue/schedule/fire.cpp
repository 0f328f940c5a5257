#include "module/queue/schedule/fire.h"

#include "module/queue/schedule/firing_plan.h"

namespace taskqueue {

FiringCounts fireDueSchedules(TaskStore& store, const QueueLimits& limits, std::optional<UnixSeconds> now,
                              std::chrono::steady_clock::time_point until) {
  const UnixSeconds at = now ? *now : store.now();
  FiringCounts counts;
  for (const Schedule& schedule : store.findDueSchedules(at, limits.overseerBatch)) {
    if (std::chrono::steady_clock::now() >= until) break;
    const auto handler = store.findHandler(schedule.definition.taskHandlerClass);
    const FiringPlan plan =
        planFirings(schedule, at, handler ? handler->settings : HandlerSettings(), limits);
    const FiringResult result = store.fireSchedule(plan);
    if (!result.done) continue;
    counts.missed += plan.missedCount;
    for (const AddedTask& task : result.tasks) ++(task.created ? counts.fired : counts.skipped);
  }
  return counts;
}

bool isOverseerSilent(const OverseerFacts& facts, const QueueLimits& limits) {
  return !facts.overseerPassedOn || *facts.overseerPassedOn < facts.now - limits.overseerSilentSeconds;
}

}  // namespace taskqueue
