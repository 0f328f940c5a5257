// Sums up the failed runs of a minute by groups of errors.
#pragma once

#include "module/queue/error_group.h"
#include "module/store/store_context.h"

namespace taskqueue::store {

// Adds the minute's failed runs to the sums of their groups, and writes the group of each run. Opens no
// transaction: the caller's transaction says once that the minute is complete.
void sumUpErrors(StoreContext& context, UnixSeconds minute);
// Deletes sums and groups that are older than kHoursKeptSeconds, some at a time.
void pruneErrors(StoreContext& context, UnixSeconds now);

}  // namespace taskqueue::store
