// Names the interfaces to the tables, one for each role. MariaDB (module/store) and the tests' fake implement
// them, and one set of contract tests checks both. A caller takes the roles that it needs. It changes things
// through TaskQueue and Schedules, and reads through the roles.
//
// Every method is one transaction, which happens completely or not at all. Any method can throw StoreError.
// All roles of a store share a connection and belong to one thread.
#pragma once

#include "module/queue/store/audit_log.h"
#include "module/queue/store/database_clock.h"
#include "module/queue/store/error_store.h"
#include "module/queue/store/handler_store.h"
#include "module/queue/store/maintenance_store.h"
#include "module/queue/store/runner_store.h"
#include "module/queue/store/schedule_store.h"
#include "module/queue/store/statistics_store.h"
#include "module/queue/store/task_store.h"

namespace taskqueue {

// The roles of one store, for the main programs and for what needs most of them.
struct Stores {
  TaskStore& tasks;
  RunnerStore& runners;
  MaintenanceStore& maintenance;
  HandlerStore& handlers;
  ScheduleStore& schedules;
  StatisticsStore& statistics;
  ErrorStore& errors;
  AuditLog& audit;
  DatabaseClock& clock;
};

}  // namespace taskqueue
