// Counts the rows that a transaction has locked just before it commits.
#pragma once

#include <cstdint>
#include <functional>

#include "module/store/database/connection.h"

namespace taskqueue::test_support {

// Runs `work`, one transaction on its own connection, in a thread. The server's commits are held back until
// the locks are counted over `eye`, another connection. Returns 0 when no commit with changes came.
std::int64_t rowsLockedBy(store::Connection& eye, const std::function<void()>& work);

}  // namespace taskqueue::test_support
