#include "module/queue/retention.h"
#include "module/queue/time_units.h"

#include <utility>

#include "module/queue/store/database_clock.h"
#include "module/queue/store/maintenance_store.h"

namespace taskqueue {

int pruneOld(MaintenanceStore& store, DatabaseClock& clock, const RetentionPolicy& limits) {
  const UnixSeconds now = clock.now();
  const std::pair<RecordKind, int> records[] = {
      {RecordKind::RunFiles, limits.fileDays},    {RecordKind::Checkpoints, limits.fileDays},
      {RecordKind::Requests, limits.requestDays}, {RecordKind::Firings, limits.firingDays},
      {RecordKind::Handlers, limits.handlerDays}, {RecordKind::Runners, limits.runnerDays},
      {RecordKind::Changes, limits.changeDays}};
  for (const auto& [kind, days] : records) {
    bool more = days > 0;
    for (int batch = 0; more && batch < limits.batchesPerPass; ++batch)
      more = store.pruneRecords(kind, now - days * kDaySeconds, limits.rowsPerBatch) == limits.rowsPerBatch;
  }
  int tasks = 0;
  bool more = limits.keepDays > 0;
  for (int batch = 0; more && batch < limits.batchesPerPass; ++batch) {
    const PrunedTasks pruned = store.pruneTasks(now - limits.keepDays * kDaySeconds, limits.rowsPerBatch);
    tasks += pruned.count;
    more = pruned.more;
  }
  return tasks;
}

}  // namespace taskqueue
