#include "runner/wake_socket.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "module/platform/log.h"
#include "module/platform/run_directory.h"
#include "module/platform/wake.h"

namespace taskqueue::runner {
namespace {

using boost::asio::local::datagram_protocol;

constexpr int kMaxAtOnce = 256;  // datagrams per turn of the loop

// The socket is close-on-exec from the start: a worker that inherited it could take the datagrams.
int openSocket() {
  const int made = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (made < 0) throw std::system_error(errno, std::generic_category());
  return made;
}

}  // namespace

WakeSocket::WakeSocket(boost::asio::io_context& loop, const std::string& wakeDirectory,
                       std::function<void()> onWake)
    : socket_(loop), onWake_(std::move(onWake)) {
  if (wakeDirectory.empty()) return;
  const std::string path = platform::wakeSocketPath(wakeDirectory, ::getpid());
  try {
    ::unlink(path.c_str());  // an earlier process with this PID may have left it
    const datagram_protocol::endpoint endpoint(path);
    socket_.assign(datagram_protocol(), openSocket());
    socket_.bind(endpoint);
    path_ = path;
    if (!platform::shareSocketInRunDirectory(path)) throw std::system_error(errno, std::generic_category());
    receive();
  } catch (const std::system_error& error) {
    platform::log(platform::Level::Warning, "no wake-ups: enqueued tasks are found by polling",
                  {{"path", path}, {"problem", error.what()}});
  }
}

WakeSocket::~WakeSocket() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

void WakeSocket::receive() {
  socket_.async_wait(datagram_protocol::socket::wait_read, [this](const boost::system::error_code& error) {
    if (error) return;
    drain();
    onWake_();
    receive();
  });
}

// MSG_DONTWAIT: the loop must not block, whatever another process did to the socket.
void WakeSocket::drain() {
  std::array<char, 16> buffer;
  for (int count = 0; count < kMaxAtOnce; ++count) {
    if (::recv(socket_.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT) < 0) return;
  }
}

}  // namespace taskqueue::runner
