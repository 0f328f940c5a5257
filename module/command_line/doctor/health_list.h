// The command `taskqueue health` prints the outcome checks.
#pragma once

#include <vector>

#include "module/health/check.h"

namespace taskqueue::command_line {

// Returns exit code 1 if a check has failed. Warnings do not change the exit code, since the queue still
// works.
int printHealth(const std::vector<health::HealthCheck>& checks);

}  // namespace taskqueue::command_line
