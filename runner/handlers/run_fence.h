// Keeps a run that lost its task from writing: what a handler changes counts only while the run is its own.
#pragma once

#include <string>

#include "module/store/connection.h"
#include "runner/handlers/task_handler.h"

namespace taskqueue::handlers {

// Belongs to the connection's thread.
class RunFence {
 public:
  RunFence(store::Connection& connection, const TaskRun& run)
      : connection_(connection), runId_(run.id()), runToken_(run.runToken()) {}

  // Inside the caller's transaction the run stays this worker's until it ends; so call it last, since the
  // runner's tick writes the same row. Throws TaskError lease_lost when another run has taken over, and
  // StoreError.
  void confirm();

 private:
  store::Connection& connection_;
  int runId_;
  std::string runToken_;
};

[[noreturn]] void throwLeaseLost();

}  // namespace taskqueue::handlers
