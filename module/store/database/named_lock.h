// A NamedLock lets only one process at a time do some work. One session of the database server holds it,
// whatever its transactions do. It is freed with the object, and by the server when the session ends.
#pragma once

#include <chrono>
#include <string>

#include "module/store/database/connection.h"

namespace taskqueue::store {

// An object belongs to the connection's thread.
class NamedLock {
 public:
  // Waits up to `wait` for the lock, which is valid for this schema and this word. Throws StoreError.
  NamedLock(Connection& connection, std::string word, std::chrono::seconds wait);
  ~NamedLock();
  NamedLock(const NamedLock&) = delete;
  NamedLock& operator=(const NamedLock&) = delete;

  bool wasTaken() const { return taken_; }  // false: another session holds it

  // Returns whether the connection's present session holds the lock. It does not after the connection broke
  // and opened itself again.
  bool isHeldStill();

 private:
  Connection& connection_;
  std::string word_;
  bool taken_ = false;
};

}  // namespace taskqueue::store
