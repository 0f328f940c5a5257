#include "runner/wake_socket.h"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <utility>

#include "module/platform/log.h"
#include "module/platform/wake.h"

namespace taskqueue::runner {

WakeSocket::WakeSocket(boost::asio::io_context& loop, const std::string& runDirectory,
                       std::function<void()> onWake)
    : socket_(loop), onWake_(std::move(onWake)) {
  if (runDirectory.empty()) return;
  const std::string path = platform::wakeSocketPath(runDirectory, ::getpid());
  try {
    ::unlink(path.c_str());  // of an earlier process with this PID
    const boost::asio::local::datagram_protocol::endpoint endpoint(path);
    socket_.open();
    socket_.bind(endpoint);
    ::chmod(path.c_str(), 0660);
    path_ = path;
    receive();
  } catch (const boost::system::system_error& error) {
    platform::log(platform::Level::Warning, "no wake-ups: enqueued tasks are found by polling",
                  {{"path", path}, {"problem", error.what()}});
  }
}

WakeSocket::~WakeSocket() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

void WakeSocket::receive() {
  socket_.async_receive(boost::asio::buffer(buffer_),
                        [this](const boost::system::error_code& error, std::size_t) {
                          if (error) return;
                          onWake_();
                          receive();
                        });
}

}  // namespace taskqueue::runner
