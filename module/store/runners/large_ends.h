// Writes the ends of runs with large texts. Each takes a statement of its own, whose parameters are the
// texts: as JSON, the server would search all of it for each column (DATABASE-50).
#pragma once

#include "module/queue/sync.h"
#include "module/store/database/connection.h"

namespace taskqueue::store {

// An end with more bytes of texts is large.
inline constexpr std::size_t kMaxTextBytesInBatch = 4 << 10;

bool isLarge(const Connection& connection, const RunEnd& end);

// Returns whether the run was `running` with this token. Cuts texts that are too large for one statement.
bool finishLargeRun(Connection& connection, RunEnd& end);

// Writes a piece of live output, unless the run no longer is the runner's own.
void writeLargeOutput(Connection& connection, const OutputChunk& chunk, const char* stream);

}  // namespace taskqueue::store
