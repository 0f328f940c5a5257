// The audit record: who changed what, and when.
#pragma once

#include <optional>
#include <string>

#include "module/queue/task.h"

namespace taskqueue {

// The person or program that a store makes changes for. With an empty name nothing is recorded; this is how
// runners work.
struct Actor {
  std::string name;    // a user of the pages, or a program; empty: none
  std::string source;  // pages, api, cli, bulk
};

struct AuditEntry {
  std::optional<UnixSeconds> changedOn;
  Actor by;
  // enqueue, cancel, retry, pause, resume, limit, drain, stop; add, change, remove
  std::string action;
  std::optional<int> taskQueueId;  // the changed task, if it was a task
  std::string subject;             // otherwise the name of the queue, handler, runner or schedule
  std::string detail;
};

}  // namespace taskqueue
