#include "module/web/connections.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <vector>

#include "module/platform/log.h"
#include "module/web/fastcgi_head.h"

namespace taskqueue::web {
namespace {

using namespace std::chrono_literals;

constexpr auto kSweep = 100ms;  // time between two checks of the time limits
constexpr auto kWhileFull = 10ms;
constexpr std::size_t kDrainBytes = 64 << 10;
// Limits the reads of one head, so that a client cannot send it byte by byte.
constexpr int kMaxLooks = 64;
constexpr int kEventsAtOnce = 64;

int checked(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return result;
}

int stopSignals() {
  sigset_t stops;
  sigemptyset(&stops);
  sigaddset(&stops, SIGTERM);
  sigaddset(&stops, SIGINT);
  sigaddset(&stops, SIGHUP);
  return checked(::signalfd(-1, &stops, SFD_CLOEXEC | SFD_NONBLOCK), "signalfd");
}

void watch(int events, int descriptor, std::uint32_t what) {
  epoll_event event{};
  event.events = what;
  event.data.fd = descriptor;
  checked(::epoll_ctl(events, EPOLL_CTL_ADD, descriptor, &event), "epoll_ctl");
}

}  // namespace

Connections::Connections(int listening, ConnectionLimits limits, std::function<bool()> mayEndOnHangup)
    : listening_(listening), limits_(limits), mayEndOnHangup_(std::move(mayEndOnHangup)) {
  checked(::fcntl(listening_, F_SETFL, checked(::fcntl(listening_, F_GETFL), "fcntl") | O_NONBLOCK), "fcntl");
  events_ = checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
  signals_ = stopSignals();
  wake_ = checked(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd");
  watch(events_, signals_, EPOLLIN);
  watch(events_, wake_, EPOLLIN);
}

Connections::~Connections() {
  for (const auto& [connection, how] : parked_) ::close(connection);
  for (const int connection : ready_) ::close(connection);
  for (const int connection : lingering_) ::close(connection);
  for (const int descriptor : {events_, signals_, wake_}) ::close(descriptor);
}

void Connections::run() {
  std::array<epoll_event, kEventsAtOnce> events{};
  platform::notifyServiceManager("READY=1");
  while (!stopping_ || !isIdle()) {
    listenWhileThereIsRoom();
    const auto patience = static_cast<int>(untilNextSweep().count());
    const int count = ::epoll_wait(events_, events.data(), kEventsAtOnce, patience);
    if (count < 0 && errno != EINTR) checked(count, "epoll_wait");
    for (int i = 0; i < count; ++i) meet(events.at(static_cast<std::size_t>(i)).data.fd);
    sweep();
    sendSignOfLife();
  }
  const std::lock_guard lock(mutex_);
  ended_ = true;
  someReady_.notify_all();
}

void Connections::meet(int descriptor) {
  if (descriptor == listening_) {
    acceptAll();
  } else if (descriptor == signals_) {
    signalfd_siginfo which{};
    if (::read(signals_, &which, sizeof which) < 0) return;
    stop(static_cast<int>(which.ssi_signo));
  } else if (descriptor == wake_) {
    parkLingering();
  } else if (const auto found = parked_.find(descriptor); found != parked_.end()) {
    found->second.lingers ? drain(descriptor) : look(descriptor);
  }
}

void Connections::stop(int signal) {
  if (signal == SIGHUP && !mayEndOnHangup_()) return;
  platform::log(platform::Level::Info, "stopping: the requests in hand are finished", {});
  platform::notifyServiceManager("STOPPING=1");
  stopping_ = true;
}

// Threads that take none of the waiting connections are as dead as this loop.
void Connections::sendSignOfLife() {
  const auto now = Clock::now();
  if (!watchdog_.isDue(now)) return;
  {
    const std::lock_guard lock(mutex_);
    if (!ready_.empty() && !threadsAdvance_) return;
    threadsAdvance_ = false;
  }
  watchdog_.send(now);
}

void Connections::listenWhileThereIsRoom() {
  bool wanted = !stopping_;
  {
    const std::lock_guard lock(mutex_);
    wanted = wanted && ready_.size() < limits_.ready;
  }
  if (wanted == listens_) return;
  if (wanted) {
    watch(events_, listening_, EPOLLIN);
  } else {
    checked(::epoll_ctl(events_, EPOLL_CTL_DEL, listening_, nullptr), "epoll_ctl");
  }
  listens_ = wanted;
}

void Connections::acceptAll() {
  for (std::size_t i = 0; i < limits_.ready; ++i) {
    const int connection = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) {
      // Without a free descriptor this loop would spin, so one connection is closed.
      if (errno == EMFILE || errno == ENFILE) dropOldestWaiting();
      return;
    }
    if (parked_.size() >= limits_.waiting) dropOldestWaiting();
    park(connection, {Clock::now() + limits_.head});
    look(connection);
  }
}

// Only peeks at the received bytes, since libfcgi reads them later.
void Connections::look(int connection) {
  std::array<char, kMaxHeadBytes> bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init): recv fills it
  const auto size = ::recv(connection, bytes.data(), bytes.size(), MSG_PEEK | MSG_DONTWAIT);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  const auto state = size > 0 ? headState({bytes.data(), static_cast<std::size_t>(size)}) : HeadState::Broken;
  if (state == HeadState::Complete) {
    makeReady(connection);
  } else if (state == HeadState::Broken || ++parked_[connection].looks >= kMaxLooks) {
    drop(connection);
  }
}

void Connections::makeReady(int connection) {
  checked(::epoll_ctl(events_, EPOLL_CTL_DEL, connection, nullptr), "epoll_ctl");
  parked_.erase(connection);
  const std::lock_guard lock(mutex_);
  ready_.push_back(connection);
  someReady_.notify_one();
}

void Connections::drain(int connection) {
  std::array<char, kDrainBytes> bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init): recv fills it
  const auto size = ::recv(connection, bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR)) drop(connection);
}

// A head is examined when new bytes arrive (edge-triggered). A lingering connection is read until it is
// empty.
void Connections::park(int connection, Parked how) {
  parked_[connection] = how;
  watch(events_, connection, how.lingers ? EPOLLIN : EPOLLIN | EPOLLET);
}

void Connections::drop(int connection) {
  parked_.erase(connection);
  ::close(connection);
}

void Connections::dropOldestWaiting() {
  const auto oldest = std::min_element(parked_.begin(), parked_.end(), [](const auto& a, const auto& b) {
    return a.second.until < b.second.until;
  });
  if (oldest != parked_.end()) drop(oldest->first);
}

void Connections::parkLingering() {
  std::uint64_t count = 0;
  if (::read(wake_, &count, sizeof count) < 0) return;
  std::deque<int> given;
  {
    const std::lock_guard lock(mutex_);
    given.swap(lingering_);
  }
  for (const int connection : given) {
    if (parked_.size() >= limits_.waiting) dropOldestWaiting();
    park(connection, {Clock::now() + limits_.linger, 0, /*lingers=*/true});
  }
}

void Connections::sweep() {
  const auto now = Clock::now();
  if (now < sweptAt_ + kSweep) return;
  sweptAt_ = now;
  std::vector<int> late;
  for (const auto& [connection, how] : parked_) {
    if (how.until <= now) late.push_back(connection);
  }
  for (const int connection : late) drop(connection);
  const std::lock_guard lock(mutex_);
  for (const auto& [connection, until] : timed_) {
    // The owner's read or write then fails, and the owner closes the connection.
    if (until <= now) ::shutdown(connection, SHUT_RDWR);
  }
}

bool Connections::isIdle() {
  const bool waits =
      std::any_of(parked_.begin(), parked_.end(), [](const auto& one) { return !one.second.lingers; });
  const std::lock_guard lock(mutex_);
  return !waits && ready_.empty() && taken_ == 0;
}

// Without an open connection there is no time limit to check, only a sign of life to send.
std::chrono::milliseconds Connections::untilNextSweep() {
  if (!listens_) return kWhileFull;
  const std::lock_guard lock(mutex_);
  const bool idle = parked_.empty() && ready_.empty() && taken_ == 0;
  return idle ? watchdog_.interval().value_or(std::chrono::milliseconds(-1)) : kSweep;
}

std::optional<int> Connections::take() {
  std::unique_lock lock(mutex_);
  someReady_.wait(lock, [this] { return ended_ || !ready_.empty(); });
  if (ready_.empty()) return std::nullopt;
  const int connection = ready_.front();
  ready_.pop_front();
  ++taken_;
  threadsAdvance_ = true;
  return connection;
}

void Connections::giveBack(int connection, bool unread) {
  if (!unread) ::close(connection);
  {
    const std::lock_guard lock(mutex_);
    --taken_;
    if (!unread) return;
    ::shutdown(connection, SHUT_WR);
    lingering_.push_back(connection);
  }
  const std::uint64_t one = 1;
  checked(static_cast<int>(::write(wake_, &one, sizeof one)), "eventfd");
}

void Connections::forget() {
  const std::lock_guard lock(mutex_);
  --taken_;
}

Connections::Timed::Timed(Connections& connections, int connection, std::chrono::milliseconds limit)
    : connections_(connections), connection_(connection) {
  const std::lock_guard lock(connections_.mutex_);
  connections_.timed_[connection_] = Clock::now() + limit;
}

Connections::Timed::~Timed() {
  const std::lock_guard lock(connections_.mutex_);
  connections_.timed_.erase(connection_);
}

}  // namespace taskqueue::web
