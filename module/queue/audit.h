// Who changed what.
#pragma once

#include <optional>
#include <string>

#include "module/queue/task.h"

namespace taskqueue {

// On whose behalf a store makes changes. Nobody: nothing is recorded, as for what runners do by themselves.
struct Actor {
  std::string name;    // a user of the pages, or a program; empty: nobody
  std::string source;  // pages, api, cli, bulk
};

struct AuditEntry {
  std::optional<UnixSeconds> changedOn;
  Actor by;
  // enqueue, cancel, retry, pause, resume, limit, drain, stop; add, change, remove
  std::string action;
  std::optional<int> taskQueueId;  // what was changed: a task, or
  std::string subject;             // a queue, handler, runner or schedule
  std::string detail;
};

}  // namespace taskqueue
