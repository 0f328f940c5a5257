#include "module/platform/service_manager.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <string>

#include "module/platform/descriptor.h"

namespace taskqueue::platform {
namespace {

// Returns a number of the environment, or nothing if it is absent or no number.
std::optional<std::int64_t> numberOf(const char* variable) {
  const char* text = std::getenv(variable);
  if (text == nullptr) return std::nullopt;
  const std::string_view view(text);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(view.data(), view.data() + view.size(), value);
  if (error != std::errc() || end != view.data() + view.size()) return std::nullopt;
  return value;
}

}  // namespace

bool notifyServiceManager(std::string_view state) {
  const char* path = std::getenv("NOTIFY_SOCKET");
  if (path == nullptr || (path[0] != '/' && path[0] != '@')) return false;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::size_t size = std::strlen(path);
  if (size >= sizeof address.sun_path) return false;
  std::memcpy(address.sun_path, path, size);
  if (path[0] == '@') address.sun_path[0] = '\0';  // an abstract address
  const Descriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.isOpen()) return false;
  const auto addressSize = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + size);
  const ssize_t sent = ::sendto(socket.number(), state.data(), state.size(), MSG_NOSIGNAL,
                                reinterpret_cast<const sockaddr*>(&address), addressSize);
  return sent == static_cast<ssize_t>(state.size());
}

ServiceWatchdog::ServiceWatchdog() {
  const auto limit = numberOf("WATCHDOG_USEC");
  const auto process = numberOf("WATCHDOG_PID");
  if (!limit || *limit < 2000 || (process && *process != ::getpid())) return;
  interval_ = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::microseconds(*limit / 2));
}

void ServiceWatchdog::send(Clock::time_point now) {
  sentAt_ = now;
  notifyServiceManager("WATCHDOG=1");
}

}  // namespace taskqueue::platform
