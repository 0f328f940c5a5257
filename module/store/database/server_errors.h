// Names the server's errors: mysqld_error.h of the server does, and here are those that it leaves out.
#pragma once

#include <mysqld_error.h>

namespace taskqueue::store {

inline constexpr unsigned kIdsUsedUp = 167;
inline constexpr unsigned kDataTruncated = 1265;
// The client library numbers its own errors in this range.
inline constexpr unsigned kFirstClientError = 2000;
inline constexpr unsigned kLastClientError = 2999;

}  // namespace taskqueue::store
