// A lock of the database server that one session holds, whatever its transactions do: for work that only one
// process may do at a time. It is freed with the object, and by the server when the session ends.
#pragma once

#include <chrono>
#include <string>

#include "module/store/connection.h"

namespace taskqueue::store {

// Belongs to the connection's thread.
class NamedLock {
 public:
  // Waits up to `wait` for it. The lock holds for this schema and this word. Throws StoreError.
  NamedLock(Connection& connection, std::string word, std::chrono::seconds wait);
  ~NamedLock();
  NamedLock(const NamedLock&) = delete;
  NamedLock& operator=(const NamedLock&) = delete;

  bool wasTaken() const { return taken_; }  // false: another session holds it

  // Whether the connection's present session holds it: one that broke and opened itself anew does not.
  bool isHeldStill();

 private:
  Connection& connection_;
  std::string word_;
  bool taken_ = false;
};

}  // namespace taskqueue::store
