#include "runner/handlers/run_fence.h"

namespace taskqueue::handlers {

void throwLeaseLost() {
  throw TaskError("lease_lost",
                  "another run has taken this task over; this one has stopped and changed nothing more");
}

// Uses the primary key. The share lock makes a rescue wait for our commit.
const store::Sql kConfirmRun("confirmRun",
                             "SELECT Id FROM {TaskRuns} FORCE INDEX (PRIMARY)"
                             " WHERE Id=? AND RunToken=? AND Status='running' LOCK IN SHARE MODE");

void RunFence::confirm() {
  if (connection_.query(kConfirmRun, {std::int64_t{runId_}, runToken_}).empty()) throwLeaseLost();
}

}  // namespace taskqueue::handlers
