#include "module/queue/history.h"
#include "module/queue/time_units.h"

#include <utility>

#include "module/queue/task_store.h"

namespace taskqueue {

int forgetOld(TaskStore& store, const HistoryLimits& limits) {
  const UnixSeconds now = store.now();
  const std::pair<Leftover, int> leftovers[] = {
      {Leftover::RunFiles, limits.fileDays},    {Leftover::Checkpoints, limits.fileDays},
      {Leftover::Requests, limits.requestDays}, {Leftover::Firings, limits.firingDays},
      {Leftover::Handlers, limits.handlerDays}, {Leftover::Runners, limits.runnerDays},
      {Leftover::Changes, limits.changeDays}};
  for (const auto& [kind, days] : leftovers) {
    bool more = days > 0;
    for (int portion = 0; more && portion < limits.portionsInOnePass; ++portion)
      more = store.forgetLeftovers(kind, now - days * kDaySeconds, limits.rowsAtOnce) == limits.rowsAtOnce;
  }
  int tasks = 0;
  bool more = limits.keepDays > 0;
  for (int portion = 0; more && portion < limits.portionsInOnePass; ++portion) {
    const ForgottenTasks forgotten =
        store.forgetTasks(now - limits.keepDays * kDaySeconds, limits.rowsAtOnce);
    tasks += forgotten.count;
    more = forgotten.more;
  }
  return tasks;
}

}  // namespace taskqueue
