// What the three tables can tell of the invariants I1 to I8, asked of the tables themselves. Run
// after every contract, integration and chaos test, when nothing is written any more.
#pragma once

#include <string>
#include <vector>

#include "module/store/connection.h"

namespace taskqueue::test_support {

// Returns one line per violating row: the invariant, then the row. An empty list means that all hold.
std::vector<std::string> checkInvariants(store::Connection& connection);

}  // namespace taskqueue::test_support
