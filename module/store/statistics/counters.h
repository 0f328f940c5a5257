// Adds to the counters, which only grow.
#pragma once

#include <cstdint>

#include "module/queue/counter.h"
#include "module/store/database/connection.h"

namespace taskqueue::store {

// Adds to a counter, as the last statement of a transaction: others that raise the same counter wait for it.
void addToCounter(Connection& connection, Counter counter, std::int64_t by);

}  // namespace taskqueue::store
