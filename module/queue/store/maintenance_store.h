// Repairs, makes and prunes rows for an overseer pass. stores.h has the rules of all roles.
#pragma once

#include <optional>
#include <vector>
#include "module/queue/store_error.h"
#include "module/queue/task.h"

namespace taskqueue {

// The latest passes of the overseer and of its fallback, and the schedules that wait for a pass.
struct OverseerFacts {
  UnixSeconds now = 0;
  std::optional<UnixSeconds> overseerPassedOn;  // the overseer's last pass; absent: there was none
  std::optional<UnixSeconds> fallbackPassedOn;  // the last fallback pass of a runner
  int schedules = 0;                            // enabled schedules
  int brokenSchedules = 0;                      // enabled schedules with a problem
  std::optional<UnixSeconds> earliestFireOn;
};

// The kinds of rows, besides tasks, that are pruned.
enum class RecordKind {
  RunFiles,     // files of runs whose task has ended; stored in parts
  Checkpoints,  // checkpoints of ended tasks
  Requests,     // Idempotency-Keys
  Firings,      // records of firings
  Handlers,     // declarations of handlers that no runner offers and no task waits for
  Runners,      // ended runners
  Changes,      // audit records
};

struct PrunedTasks {
  int count = 0;
  bool more = false;  // the scan has not reached its end
};

class MaintenanceStore {
 public:
  virtual ~MaintenanceStore() = default;

  // Returns the Ids of at most `limit` due tasks that may have a run and have none open.
  virtual std::vector<int> findTasksMissingRun(int limit) = 0;
  // Creates a `scheduled` run for the task and returns its Id. Returns nothing if rule 1 or 2 forbids a run.
  virtual std::optional<int> createRunIfAllowed(int taskQueueId) = 0;
  // Returns the Ids of tasks that wait for a run that does not exist, or whose open run has ended. An editor
  // that restores old rows causes this.
  virtual std::vector<int> findInconsistentTasks(int limit) = 0;
  // Updates a task from its runs after a run was changed, as task-run:OnAfterItemUpdate asks. LastStatus and
  // TaskRunsFailed are recomputed (rule 3), an ended run is no longer open, and a running run without a
  // runner is released. If the run that the task waited for is missing, the task may be retried at once while
  // tries are left. Returns false if there is no such task.
  virtual bool recountTask(int taskQueueId) = 0;
  // Records the time of the overseer's pass.
  virtual void markOverseer() = 0;
  virtual std::optional<UnixSeconds> overseerMarkedOn() = 0;
  // Records the time of a runner's fallback pass.
  virtual void markFallbackPass() = 0;
  virtual OverseerFacts findOverseerFacts() = 0;
  // Pruning. Each call is one transaction on at most `max` rows. It waits for no lock, and no transaction on
  // live tasks waits for it.
  //
  // Scans the next tasks in the order of QueuedOn, and restarts at the oldest after the last one. Deletes
  // those that ended before `endedBefore`, with their runs, files and checkpoints. It keeps tasks that were
  // changed since, tasks whose UniqueKey still holds, and the last task of each schedule.
  virtual PrunedTasks pruneTasks(UnixSeconds endedBefore, int max) = 0;
  // Deletes the oldest rows first and returns how many. Fewer than `max` means that none are left.
  virtual int pruneRecords(RecordKind kind, UnixSeconds before, int max) = 0;
};

}  // namespace taskqueue
