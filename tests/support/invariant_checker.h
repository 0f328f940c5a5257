// Checks the invariants I1 to I8 by queries on the three tables. Fixtures run it after every contract,
// integration and chaos test, when no process writes any more.
#pragma once

#include <string>
#include <vector>

#include "module/store/database/connection.h"

namespace taskqueue::test_support {

// Returns one line per violating row: the invariant, then the row. An empty list means that all hold.
std::vector<std::string> checkInvariants(store::Connection& connection);

}  // namespace taskqueue::test_support
