// Listens for wake-ups on this runner's datagram socket (module/platform/wake.h).
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/datagram_protocol.hpp>
#include <functional>
#include <string>

namespace taskqueue::runner {

class WakeSocket {
 public:
  // Without a usable run directory, the runner finds tasks only by polling, and the log says so.
  WakeSocket(boost::asio::io_context& loop, const std::string& wakeDirectory, std::function<void()> onWake);
  ~WakeSocket();
  WakeSocket(const WakeSocket&) = delete;
  WakeSocket& operator=(const WakeSocket&) = delete;

 private:
  void receive();
  void drain();

  boost::asio::local::datagram_protocol::socket socket_;
  std::string path_;
  std::function<void()> onWake_;
};

}  // namespace taskqueue::runner
