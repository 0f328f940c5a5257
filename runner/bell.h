// Lets the database thread sleep until another thread rings, a wake-up comes, or a time is reached.
//
// Thread rule: one thread waits. Any thread may ring; it holds the mutex that the waiting thread gives up.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>

#include "module/platform/descriptor.h"
#include "runner/wake_socket.h"

namespace taskqueue::runner {

class Bell {
 public:
  // Without a socket there are no wake-ups. The socket must outlive this.
  explicit Bell(WakeSocket* wakeUps);

  void ring();
  // Waits, without the lock. It may return early. Returns the wake-ups that came, if any.
  std::optional<WakeSocket::Wake> wait(std::unique_lock<std::mutex>& lock,
                                       std::chrono::steady_clock::time_point until);

 private:
  WakeSocket* wakeUps_;
  platform::Descriptor rung_;  // eventfd
  bool isWaiting_ = false;     // guarded by the mutex
};

}  // namespace taskqueue::runner
