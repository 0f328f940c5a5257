// Sorts the server's errors by what can be done about them; module/design/database.md lists them.
#pragma once

#include <string>
#include <string_view>

namespace taskqueue::store {

enum class ErrorClass {
  Transient,    // may vanish when the whole transaction is repeated at once
  Duplicate,    // a unique key is taken
  NoRoom,       // disk, temporary space, memory or Ids are used up: retry later what needs room
  TooLarge,     // the statement does not fit into one packet
  Unavailable,  // no usable connection
  RowRefused,   // the values of a row do not fit the table
  Other,        // a bug, or a schema that does not fit
};

ErrorClass classify(unsigned error, std::string_view message);

bool isTimeout(unsigned error);   // the statement took too long, and would again
bool isLockWait(unsigned error);  // a lock was held for our whole lock wait
bool isClientError(unsigned error);
bool endsSession(unsigned error);

// Returns what an administrator can do about it; empty when the server's own words say enough.
std::string adviceOn(unsigned error);

}  // namespace taskqueue::store
