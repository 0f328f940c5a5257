// Runs the health checks and the doctor's own checks.
#pragma once

#include <functional>

#include "module/command_line/doctor/finding.h"
#include "module/health/health.h"
#include "module/platform/configuration.h"
#include "module/queue/database_facts.h"

namespace taskqueue::command_line::doctor {

// Reads the tables only if `withSchema`. Throws StoreError.
using ReadDatabase = std::function<DatabaseFacts(bool withSchema)>;

struct Diagnosis {
  Findings findings;
  bool isDatabaseReached = true;
};

// Returns the findings in the order of both lists of checks; at least one for each check. A database error
// becomes a finding.
Diagnosis examine(const platform::Configuration& configuration, const Stores& stores,
                  const health::SchemaProblem& schemaProblem, const ReadDatabase& readDatabase);

}  // namespace taskqueue::command_line::doctor
