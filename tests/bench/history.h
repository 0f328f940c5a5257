// A long history of ended tasks, each with its run.
#pragma once

#include <cstdint>

#include "module/store/database/connection.h"

namespace taskqueue::bench {

// Adds tasks up to this number. One in twenty has failed, and all ended within the last 30 days.
void fillHistory(store::Connection& connection, std::int64_t tasks);

}  // namespace taskqueue::bench
