// Reads the clock of MariaDB.
#pragma once

#include "module/queue/store/database_clock.h"
#include "module/store/store_context.h"

namespace taskqueue::store {

class MariaClock : public DatabaseClock {
 public:
  explicit MariaClock(StoreContext& context) : connection_(context.connection) {}

  UnixSeconds now() override;

 private:
  Connection& connection_;
};

}  // namespace taskqueue::store
