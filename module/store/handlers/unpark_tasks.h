// Lets parked tasks wait again, since a runner announced their handler, or a pause or a limit has changed.
#pragma once

#include <string>

#include "module/store/store_context.h"

namespace taskqueue::store {

// Lets parked tasks of this class wait again, a bounded number at a time, inside a transaction. Returns true
// when more of them may be parked.
bool unparkSome(Connection& connection, const std::string& taskHandlerClass);
// The same for all of them, in as many transactions as they need.
void unparkAll(StoreContext& context, const std::string& taskHandlerClass);

}  // namespace taskqueue::store
