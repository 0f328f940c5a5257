// Tells which settings of a server that is not ours are in the way of what we need, though it works.
#pragma once

#include <string>
#include <vector>

#include "module/store/connection.h"

namespace taskqueue::store {

// The needs of one program.
struct ServerNeeds {
  std::int64_t taskDataBytes = 0;  // of one task
  std::int64_t outputBytes = 0;    // that are kept of each stream of a run
  int connections = 0;             // of the program and what it starts, at once
};

// Sentences with the line that mends each; none when all is well. Throws StoreError.
std::vector<std::string> serverNotices(Connection& connection, const ServerNeeds& needs);

}  // namespace taskqueue::store
