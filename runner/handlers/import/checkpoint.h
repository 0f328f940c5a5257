// The checkpoint of one task, and the fence that keeps a run that lost its task from writing.
//
// A run takes the checkpoint over by writing its token into it; from then on an older run of the same task is
// refused. A run that was rescued before the next one began is refused as well, since its own row is no
// longer `running`.
#pragma once

#include <optional>
#include <string>

#include "module/store/connection.h"
#include "runner/handlers/import/import_state.h"
#include "runner/handlers/run_fence.h"
#include "runner/handlers/task_handler.h"

namespace taskqueue::handlers {

// Belongs to the connection's thread. All of it throws StoreError.
class Checkpoint {
 public:
  Checkpoint(store::Connection& connection, const TaskRun& run);

  // In a transaction of its own: makes this run the owner. What an earlier run left, if it did. Throws
  // TaskError lease_lost when this run is not the task's running one.
  std::optional<ImportState> takeOver();

  // Inside the caller's transaction, in this order: lock() before the first change, write() behind the last.
  // Either throws TaskError lease_lost when the task is another run's; the caller then rolls back.
  void lock();
  void write(const ImportState& state);

  // After a COMMIT without an answer, in a transaction of its own: whether this state was committed. Waits
  // for the lost session to end. Throws TaskError lease_lost as lock() does.
  bool holds(const ImportState& state);

  // In the caller's transaction: throws TaskError lease_lost unless the run is this worker's still, and keeps
  // it so until the transaction ends. Part of takeOver() and write().
  void confirmRun() { fence_.confirm(); }

 private:
  std::string lockedText();

  store::Connection& connection_;
  RunFence fence_;
  int taskQueueId_;
  std::string runToken_;
};

}  // namespace taskqueue::handlers
