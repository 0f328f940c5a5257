// The checkpoint of one task, and the fence that keeps a run without ownership from writing.
//
// A run takes the checkpoint over by writing its run token into it. Older runs of the same task can then no
// longer write. A rescued run cannot write either, because its row is no longer `running`.
#pragma once

#include <optional>
#include <string>

#include "module/store/database/connection.h"
#include "runner/handlers/import/import_state.h"
#include "runner/handlers/run_fence.h"
#include "runner/handlers/task_handler.h"

namespace taskqueue::handlers {

// Belongs to the connection's thread. All functions throw StoreError.
class Checkpoint {
 public:
  Checkpoint(store::Connection& connection, const TaskRun& run);

  // Makes this run the owner, in a transaction of its own. Returns the state that an earlier run left, if
  // any. Throws TaskError lease_lost when this run is not the task's running one.
  std::optional<ImportState> takeOver();

  // Both need the caller's transaction: call lock() before the first change and write() after the last. They
  // throw TaskError lease_lost when another run owns the task; the caller then rolls back.
  void lock();
  void write(const ImportState& state);

  // Tells whether this state was committed, after a COMMIT whose answer was lost. It opens its own
  // transaction and waits until the lost session has ended. Throws TaskError lease_lost as lock() does.
  bool holds(const ImportState& state);

  // Throws TaskError lease_lost unless this worker still owns the run. Ownership then lasts until the
  // caller's transaction ends. takeOver() and write() include this check.
  void confirmRun() { fence_.confirm(); }

 private:
  std::string lockedText();

  store::Connection& connection_;
  RunFence fence_;
  int taskQueueId_;
  std::string runToken_;
};

}  // namespace taskqueue::handlers
