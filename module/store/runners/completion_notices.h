// Notifies of the ends of tasks, inside the transactions of the changes. A notification is a task.
#pragma once

#include <span>
#include <vector>

#include "module/queue/task.h"
#include "module/store/database/connection.h"

namespace taskqueue::store {

// Stores which notifications these new tasks request.
void subscribe(Connection& connection, std::span<const NewTask* const> tasks, std::span<const int> ids);
// Makes the notifications of those of these tasks that have ended, request one, and have none yet.
// Everything that may end a task must call it.
void notifyCompleted(Connection& connection, const std::vector<int>& taskIds);

}  // namespace taskqueue::store
