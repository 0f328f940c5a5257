// How many mails are sent in a minute, over all runners of the site: each takes the next place in one row of
// the database, places being equally far apart.
#pragma once

#include <chrono>

#include "module/store/connection.h"

namespace taskqueue::handlers {

// Belongs to the connection's thread.
class SendRate {
 public:
  SendRate(store::Connection& connection, int perMinute) : connection_(connection), perMinute_(perMinute) {}

  // Takes the next place and returns how long to wait for it. A place that is not used is lost. Throws
  // StoreError.
  std::chrono::milliseconds take();

 private:
  store::Connection& connection_;
  int perMinute_;
};

}  // namespace taskqueue::handlers
