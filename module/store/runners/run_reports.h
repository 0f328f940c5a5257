// Writes what running runs report: progress and output. A run without our token is left alone.
#pragma once

#include <vector>

#include "module/queue/sync.h"
#include "module/store/database/connection.h"

namespace taskqueue::store {

void writeProgress(Connection& connection, const std::vector<RunProgress>& progress);
void writeOutput(Connection& connection, const std::vector<OutputChunk>& output);

}  // namespace taskqueue::store
