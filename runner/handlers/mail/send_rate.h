// Limits the mails per minute over all runners of the site. Each mail takes the next time slot from one
// database row; slots are equally far apart.
#pragma once

#include <chrono>

#include "module/store/database/connection.h"

namespace taskqueue::handlers {

// Belongs to the connection's thread.
class SendRate {
 public:
  SendRate(store::Connection& connection, int perMinute) : connection_(connection), perMinute_(perMinute) {}

  // Takes the next time slot and returns how long to wait for it. An unused slot is lost. Throws StoreError.
  std::chrono::milliseconds take();

 private:
  store::Connection& connection_;
  int perMinute_;
};

}  // namespace taskqueue::handlers
