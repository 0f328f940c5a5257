// Checks the health of the queue. Each finding has a state and fixes. `ok` means that work gets done,
// since outcomes are checked as well as components.
//
// The page, the API, the command line, the metrics and the messages to operators all use checkHealth(). A new
// check is a function of Facts in module/health/checks and an entry of the list in health.cpp.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "module/health/check.h"
#include "module/health/settings.h"
#include "module/queue/store/stores.h"

namespace taskqueue::health {

// Returns what is wrong with the schema, or nothing. Throws StoreError if the database cannot be used.
using SchemaProblem = std::function<std::optional<std::string>()>;

// Returns the findings in the order of the list of checks. A check may have several findings. Never throws
// StoreError; a database error becomes a failed check.
std::vector<HealthCheck> checkHealth(const Stores& stores, const SchemaProblem& schemaProblem,
                                     const Settings& settings);

// Returns whether the tables could be read, so the database answers and the schema fits.
bool areTablesRead(const std::vector<HealthCheck>& checks);

// Returns the worst state of all findings.
Health worstHealth(const std::vector<HealthCheck>& checks);

}  // namespace taskqueue::health
