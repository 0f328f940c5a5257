// A long history: tasks that have ended, each with its run.
#pragma once

#include <cstdint>

#include "module/store/connection.h"

namespace taskqueue::bench {

// Fills up until there are so many; one in twenty has failed, and all lie within the last 30 days.
void fillHistory(store::Connection& connection, std::int64_t tasks);

}  // namespace taskqueue::bench
