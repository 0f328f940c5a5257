// Tells systemd about the state of this program, as a unit with Type=notify and WatchdogSec expects
// (sd_notify(3)). Without systemd nothing is sent.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace taskqueue::platform {

// Sends a state such as "READY=1" to the socket of NOTIFY_SOCKET. Returns whether it was sent.
bool notifyServiceManager(std::string_view state);

// Sends signs of life at half of the time after which systemd kills the program (WATCHDOG_USEC). Call it from
// the loop that must stay alive.
class ServiceWatchdog {
 public:
  using Clock = std::chrono::steady_clock;

  ServiceWatchdog();

  // Returns nothing if no sign of life is expected.
  std::optional<std::chrono::milliseconds> interval() const { return interval_; }
  // Returns whether a sign of life is due. Sends none.
  bool isDue(Clock::time_point now) const { return interval_ && now - sentAt_ >= *interval_; }
  void send(Clock::time_point now);

 private:
  std::optional<std::chrono::milliseconds> interval_;
  Clock::time_point sentAt_{};
};

}  // namespace taskqueue::platform
