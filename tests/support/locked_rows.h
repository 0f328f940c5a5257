// How many rows a transaction locks, seen from outside at the moment when it is about to commit.
#pragma once

#include <cstdint>
#include <functional>

#include "module/store/connection.h"

namespace taskqueue::test_support {

// Runs `work`, one transaction on a connection of its own, in a thread, with every commit of the server held
// back until it has been looked at. `eye` is another connection. 0: it never came to a commit that changes
// something.
std::int64_t rowsLockedBy(store::Connection& eye, const std::function<void()>& work);

}  // namespace taskqueue::test_support
