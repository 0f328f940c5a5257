// Writes the ends of plain successes: runs without results, messages, output and exit status.
#pragma once

#include <span>

#include "module/queue/sync.h"
#include "module/store/database/connection.h"

namespace taskqueue::store {

bool isPlainSuccess(const RunEnd& end);

// Ends the rows of these runs. Returns false when some of them were not `running` with the given token; the
// caller must roll back then, because the others have been written.
bool finishPlainRuns(Connection& connection, std::span<const RunEnd> ends);

}  // namespace taskqueue::store
