// Tells the time that decides what is due (rule 7).
#pragma once

#include "module/queue/task.h"

namespace taskqueue {

class DatabaseClock {
 public:
  virtual ~DatabaseClock() = default;

  virtual UnixSeconds now() = 0;
};

}  // namespace taskqueue
