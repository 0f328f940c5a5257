// The baseline of the drain: the steps of module/design/claiming.md through Connector/C, and nothing else.
// Each transaction finishes the batch before it and claims the next one, on our tables, with the full
// history, without workers.
#pragma once

#include "tests/bench/bare_connection.h"

namespace taskqueue::bench {

// Works off all due tasks of the queue `default` at priority 5, over this many connections. Returns tasks per
// second. Throws std::runtime_error when a database error persists after a retry.
double drainBare(const BareServer& server, int connections, int batch);

}  // namespace taskqueue::bench
