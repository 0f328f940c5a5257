// Whether the queue is well: each thing that must hold, how it stands, and what mends it. `ok` means that
// work gets done: outcomes are looked at beside the parts.
//
// The page, the API, the command line, the metrics and the messages to operators are all made of
// checkHealth(). A new check is a function of Facts in module/health/checks and its line in the list of
// health.cpp.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "module/health/check.h"
#include "module/health/settings.h"
#include "module/queue/task_store.h"

namespace taskqueue::health {

// What is wrong with the schema; throws StoreError when the database cannot be used. Empty: it is right.
using SchemaProblem = std::function<std::optional<std::string>()>;

// All checks in the order of their list; one that finds more than one thing stands there as often. Never
// throws StoreError: that is a failed check.
std::vector<HealthCheck> checkHealth(TaskStore& store, const SchemaProblem& schemaProblem,
                                     const Settings& settings);

// Whether the tables could be read: the database answers and the schema fits.
bool areTablesRead(const std::vector<HealthCheck>& checks);

// The worst of them.
Health worstOf(const std::vector<HealthCheck>& checks);

}  // namespace taskqueue::health
