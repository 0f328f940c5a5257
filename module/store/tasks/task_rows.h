// Inserts rows of tasks inside the transaction of the caller.
#pragma once

#include <span>
#include <vector>

#include "module/queue/task.h"
#include "module/store/database/connection.h"

namespace taskqueue::store {

// Returns the Ids in the order of `tasks`. Also stores which notifications the tasks request.
std::vector<int> insertRows(Connection& connection, std::span<const NewTask* const> tasks);

}  // namespace taskqueue::store
