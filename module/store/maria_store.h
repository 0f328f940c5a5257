// Holds one object for each role of the store, all on one connection to MariaDB.
#pragma once

#include <chrono>

#include "module/queue/store/stores.h"
#include "module/store/errors/maria_errors.h"
#include "module/store/handlers/maria_handlers.h"
#include "module/store/maintenance/maria_audit.h"
#include "module/store/maintenance/maria_maintenance.h"
#include "module/store/maria_clock.h"
#include "module/store/runners/maria_runners.h"
#include "module/store/schedules/maria_schedules.h"
#include "module/store/statistics/maria_statistics.h"
#include "module/store/tasks/maria_tasks.h"

namespace taskqueue::store {

class MariaStore {
  StoreContext context_;  // the roles refer to it, so it is made first

 public:
  // `settling` is how old a place in the order of claims must be before claims begin there (ClaimCursor).
  MariaStore(ConnectionSettings settings, TableNames names, TokenSource tokens, ChanceSource chances,
             std::chrono::milliseconds settling = ClaimCursor::kSettling);

  MariaTasks tasks;
  MariaRunners runners;
  MariaMaintenance maintenance;
  MariaHandlers handlers;
  MariaSchedules schedules;
  MariaStatistics statistics;
  MariaErrors errors;
  MariaAudit audit;
  MariaClock clock;

  Stores roles() {
    return {tasks, runners, maintenance, handlers, schedules, statistics, errors, audit, clock};
  }
  // For a role that a test changes.
  StoreContext& context() { return context_; }
  Connection& connection() { return context_.connection; }
};

}  // namespace taskqueue::store
