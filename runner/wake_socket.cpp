#include "runner/wake_socket.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>

#include "module/platform/log.h"
#include "module/platform/run_directory.h"
#include "module/platform/wake.h"

namespace taskqueue::runner {
namespace {

constexpr int kMaxAtOnce = 256;  // datagrams
// The kernel keeps about ten (net.unix.max_dgram_qlen) and drops others. After so many, some may be lost.
constexpr int kSurelyKept = 8;

bool bindTo(int socket, const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    return false;
  }
  path.copy(address.sun_path, path.size());
  ::unlink(path.c_str());  // an earlier process with this PID may have left it
  return ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

}  // namespace

// The socket is close-on-exec from the start: a worker that inherited it could take the datagrams.
WakeSocket::WakeSocket(const std::string& wakeDirectory)
    : socket_(wakeDirectory.empty() ? -1 : ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
  if (wakeDirectory.empty()) return;
  const std::string path = platform::wakeSocketPath(wakeDirectory, ::getpid());
  const bool isBound = socket_.isOpen() && bindTo(socket_.number(), path);
  if (isBound) path_ = path;
  if (isBound && platform::shareSocketInRunDirectory(path)) return;
  platform::log(platform::Level::Warning, "no wake-ups: enqueued tasks are found by polling",
                {{"path", path}, {"problem", std::generic_category().message(errno)}});
}

WakeSocket::~WakeSocket() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

// MSG_DONTWAIT: the thread must not block, whatever another process did to the socket.
std::optional<WakeSocket::Wake> WakeSocket::receive() {
  std::array<char, platform::kMaxWakeBytes + 1> buffer;
  std::optional<Wake> wake;
  bool isEachNamed = true;
  int count = 0;
  for (; count < kMaxAtOnce; ++count) {
    const ssize_t bytes = ::recv(socket_.number(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (bytes < 0) break;
    if (!wake) wake.emplace();
    const auto named = platform::tasksOfWakeText({buffer.data(), static_cast<std::size_t>(bytes)});
    isEachNamed = isEachNamed && !named.empty();
    wake->newTasks.insert(wake->newTasks.end(), named.begin(), named.end());
  }
  const bool isComplete = isEachNamed && count <= kSurelyKept;
  if (wake && (!isComplete || wake->newTasks.size() > platform::kMaxWokenTasks)) wake->newTasks.clear();
  return wake;
}

}  // namespace taskqueue::runner
