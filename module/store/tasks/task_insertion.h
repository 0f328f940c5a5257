// Inserts the tasks of one request inside the transaction of the caller, as their unique keys demand.
#pragma once

#include <optional>
#include <span>

#include "module/queue/store/task_store.h"
#include "module/store/store_context.h"

namespace taskqueue::store {

// The source of an actor on the pages. Only their enqueues are recorded in the audit.
inline constexpr const char* kPagesSource = "pages";

// Holds what is known before COMMIT answers.
struct Insertion {
  InsertOutcome outcome;
  const NewTask* lastNew = nullptr;  // the last task that was inserted, if any
  int lastNewId = 0;
};
Insertion insertOnce(StoreContext& context, std::span<const NewTask> tasks,
                     const std::optional<IdempotencyKey>& key);

}  // namespace taskqueue::store
