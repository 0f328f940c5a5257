// Keeps runners and the runs that they own. stores.h has the rules of all roles.
#pragma once

#include <cstdint>
#include <span>
#include <vector>
#include "module/queue/counter.h"
#include "module/queue/rescue.h"
#include "module/queue/run.h"
#include "module/queue/runner.h"
#include "module/queue/store_error.h"
#include "module/queue/sync.h"

namespace taskqueue {

class RunnerStore {
 public:
  virtual ~RunnerStore() = default;

  // Inserts the runner's row, its handlers and their declared limits, and returns the Id. Tasks that were
  // parked because no runner offered these handlers wait again.
  virtual int registerRunner(const NewRunner& runner, std::span<const HandlerDeclaration> handlers) = 0;
  // Replaces the handlers that the runner offers; the others stay known as withdrawn. Limits and parked tasks
  // change as for registerRunner.
  virtual void announceHandlers(int taskRunnerId, std::span<const HandlerDeclaration> handlers) = 0;
  // Returns the runner's running runs.
  virtual std::vector<RunOwnership> activeRuns(int taskRunnerId) = 0;
  virtual HeartbeatResult heartbeat(int taskRunnerId, const RunnerCondition& condition) = 0;
  // Finishes, releases, reports and claims, in this order, in one transaction (module/design/claiming.md).
  // Safe to repeat after an error: what was written is recognised by its token.
  virtual SyncResult sync(const SyncRequest& request) = 0;
  // Returns the highest Id of a task. A change tells that a task was inserted.
  virtual std::int64_t newestTask() = 0;
  // Changes the runner from running to success, when the runner ends regularly.
  virtual void endRunner(int taskRunnerId) = 0;
  // Adds to a counter. The store itself counts refused writes and rescued runs; callers count the other
  // events.
  virtual void count(Counter counter, std::int64_t by) = 0;
  // Returns the running runners and, unless `onlyRunning`, after them the others; each part is newest first.
  virtual std::vector<Runner> findRunners(bool onlyRunning, int limit) = 0;
  // Changes the runner from running to timeout and ends all its running runs (rule 4). Also ends the running
  // runs of a runner whose row was ended or deleted by something else. Returns false if there was nothing to
  // do.
  virtual bool timeOutRunner(int taskRunnerId, const RescuePolicy& policy) = 0;
  // Returns the Ids of runners that are not running but still own running runs, because something else ended
  // or deleted their rows.
  virtual std::vector<int> findEndedRunnersWithRuns(int limit) = 0;
  // Asks the runner to finish its runs and end. Returns false if it is not running.
  virtual bool requestDrain(int taskRunnerId) = 0;
  // Asks the runner to end as on SIGTERM; runs that do not finish within its drain time are released. Returns
  // false if it is not running.
  virtual bool requestStop(int taskRunnerId) = 0;
};

}  // namespace taskqueue
