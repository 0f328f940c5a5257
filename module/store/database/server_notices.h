// Tells which settings of the database server hinder TaskQueue, although it works.
#pragma once

#include <string>
#include <vector>

#include "module/store/database/connection.h"

namespace taskqueue::store {

// The needs of one program.
struct ServerNeeds {
  std::int64_t taskDataBytes = 0;  // largest TaskData of a task
  std::int64_t outputBytes = 0;    // most stored bytes of each stream of a run
  int connections = 0;             // most connections at once, with those of the programs that it starts
};

// Returns sentences, each with the line that mends the problem; none when all is well. Throws StoreError.
std::vector<std::string> serverNotices(Connection& connection, const ServerNeeds& needs);

}  // namespace taskqueue::store
