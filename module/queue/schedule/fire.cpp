#include "module/queue/schedule/fire.h"

#include "module/queue/schedule/firing_plan.h"

namespace taskqueue {

FiringCounts fireDueSchedules(const Stores& stores, const QueueLimits& limits, std::optional<UnixSeconds> now,
                              std::chrono::steady_clock::time_point until) {
  const UnixSeconds at = now ? *now : stores.clock.now();
  FiringCounts counts;
  for (const Schedule& schedule : stores.schedules.findDueSchedules(at, limits.overseerBatch)) {
    if (std::chrono::steady_clock::now() >= until) break;
    const auto handler = stores.handlers.findHandler(schedule.definition.taskHandlerClass);
    const FiringPlan plan =
        planFirings(schedule, at, handler ? handler->settings : HandlerSettings(), limits);
    const FiringResult result = stores.schedules.fireSchedule(plan);
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
