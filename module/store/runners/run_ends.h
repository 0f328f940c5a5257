// Writes what becomes of runs, inside the transactions of syncs and rescues. The rows must be locked.
#pragma once

#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "module/queue/sync.h"
#include "module/store/database/connection.h"

namespace taskqueue::store {

// A run with our token in its row.
struct LockedRun {
  bool running = false;
  bool cancelRequested = false;
  bool rescued = false;  // ended since its runner had died: only a rescue writes `timeout`
};

// Locks the runs by token, not by Id: a lost run can be ours again, with another token, in the same sync.
// Runs without our token are missing in the answer.
std::unordered_map<std::string, LockedRun> lockOwned(Connection& connection,
                                                     const std::vector<RunOwnership>& owned);
// Ends plain successes (isPlainSuccess) and their tasks without a look at their rows first. Returns false
// when some were not `running` with the given token: the caller must roll back, and lock and judge the runs.
bool writePlainEnds(Connection& connection, std::span<const RunEnd> ends);
// Ends running runs and lets their tasks follow (rule 3). Cuts ends that are too large for a statement.
void writeEndsOfOwnedRuns(Connection& connection, std::vector<RunEnd>& ends);
void releaseOwnedRuns(Connection& connection, const std::vector<RunRelease>& releases);

}  // namespace taskqueue::store
