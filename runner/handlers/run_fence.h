// Keeps a run that lost its task from writing: a handler's changes commit only while it owns the run.
#pragma once

#include <string>

#include "module/store/database/connection.h"
#include "runner/handlers/task_handler.h"

namespace taskqueue::handlers {

// Belongs to the connection's thread.
class RunFence {
 public:
  RunFence(store::Connection& connection, const TaskRun& run)
      : connection_(connection), runId_(run.id()), runToken_(run.runToken()) {}

  // Call this last in the caller's transaction: the worker then owns the run until that transaction ends. The
  // runner's sync writes the same row and waits meanwhile. Throws TaskError lease_lost when another run has
  // taken over, and StoreError.
  void confirm();

 private:
  store::Connection& connection_;
  int runId_;
  std::string runToken_;
};

[[noreturn]] void throwLeaseLost();

}  // namespace taskqueue::handlers
