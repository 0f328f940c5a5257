// Locks a task and its open run for a change by a person or the overseer.
#pragma once

#include <optional>
#include <string>

#include "module/queue/status.h"
#include "module/store/database/connection.h"

namespace taskqueue::store {

struct LockedTask {
  std::optional<RunStatus> lastStatus;  // absent: an unknown word
  bool waits = false;                   // it waits or is parked
  bool mayRunNow = false;               // rule 2, apart from an open run
};
struct OpenRun {
  int id = 0;
  bool isRunning = false;  // false: it is scheduled
};

// The row lock orders the change against claims and finishes.
std::optional<LockedTask> lockTask(Connection& connection, int taskQueueId);
std::optional<OpenRun> lockOpenRun(Connection& connection, int taskQueueId);
// Opens a `scheduled` run and returns its Id.
int scheduleRun(Connection& connection, int taskQueueId);

}  // namespace taskqueue::store
