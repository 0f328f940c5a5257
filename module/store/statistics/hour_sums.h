// Sums up the minutes of each complete hour by handler. The sums are kept for kHoursKeptSeconds.
#pragma once

#include "module/store/store_context.h"

namespace taskqueue::store {

// Sums up the hours whose minutes are all complete, some at a time, and prunes old ones.
void sumUpHours(StoreContext& context, std::int64_t now);

}  // namespace taskqueue::store
