// Says how long rows are kept. The overseer prunes older rows, except those that a live task needs.
#pragma once

namespace taskqueue {

class DatabaseClock;
class MaintenanceStore;

// Retention times. Tasks and audit records are kept for ever by default; files, keys and the other rows are
// not.
struct RetentionPolicy {
  // These are days; 0 means for ever.
  int keepDays = 0;      // ended tasks, with their runs and all other rows that belong to them
  int fileDays = 30;     // files and checkpoints of ended tasks
  int requestDays = 30;  // Idempotency-Keys; a key that is used again after this time creates a task
  int runnerDays = 30;   // rows of ended runners
  int changeDays = 0;    // audit records
  int handlerDays = 90;  // declarations of handlers that no runner offers and no task waits for
  // Days that the records of firings are kept. They keep an instant from firing twice, so the time must
  // exceed the span in which a schedule looks for missed instants.
  int firingDays = 400;
  // Limits on the rows per transaction, and on the transactions per kind of row in one pass.
  int rowsPerBatch = 100;
  int batchesPerPass = 100;
};

inline constexpr int kMaxRetentionDays = 36500;
inline constexpr int kMinFiringDays = 367;

// Prunes old rows in one pass. Returns the number of pruned tasks.
int pruneOld(MaintenanceStore& store, DatabaseClock& clock, const RetentionPolicy& limits);

}  // namespace taskqueue
