#include "runner/bell.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace taskqueue::runner {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::nanoseconds kLongestWait = 1h;

}  // namespace

Bell::Bell(WakeSocket* wakeUps) : wakeUps_(wakeUps), rung_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!rung_.isOpen()) throw std::system_error(errno, std::generic_category(), "eventfd");
}

// A thread that does not wait looks at everything before it waits again.
void Bell::ring() {
  if (!isWaiting_) return;
  isWaiting_ = false;
  ::eventfd_write(rung_.number(), 1);
}

std::optional<WakeSocket::Wake> Bell::wait(std::unique_lock<std::mutex>& lock,
                                           std::chrono::steady_clock::time_point until) {
  const auto left =
      std::clamp<std::chrono::nanoseconds>(until - std::chrono::steady_clock::now(), 0ns, kLongestWait);
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
  const timespec timeout{seconds.count(), (left - seconds).count()};
  std::array<pollfd, 2> waited{
      {{rung_.number(), POLLIN, 0}, {wakeUps_ ? wakeUps_->descriptor() : -1, POLLIN, 0}}};
  isWaiting_ = true;
  lock.unlock();
  const int ready = ::ppoll(waited.data(), waited.size(), &timeout, nullptr);
  eventfd_t count = 0;
  if (ready > 0 && waited[0].revents != 0) ::eventfd_read(rung_.number(), &count);
  auto wake = ready > 0 && waited[1].revents != 0 ? wakeUps_->receive() : std::nullopt;
  lock.lock();
  isWaiting_ = false;
  return wake;
}

}  // namespace taskqueue::runner
