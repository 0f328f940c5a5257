// A loopback server that sends whatever the test wants, without following any protocol.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

namespace taskqueue::test_support {

class HostileServer {
 public:
  // The client side of one connection. The connection closes when the conversation returns.
  class Peer {
   public:
    explicit Peer(int socket) : socket_(socket) {}
    // Returns false when the client has hung up.
    bool say(std::string_view text) const;
    // Returns the next line without its end, or the data before the client hung up.
    std::string hear() const;

   private:
    int socket_;
  };

  explicit HostileServer(std::function<void(const Peer&)> conversation);
  ~HostileServer();
  HostileServer(const HostileServer&) = delete;
  HostileServer& operator=(const HostileServer&) = delete;

  std::string port() const { return std::to_string(port_); }
  int connections() const { return connections_; }
  // Stops the conversation and waits for its end.
  void stop();

 private:
  void serve(const std::function<void(const Peer&)>& conversation);

  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> connections_ = 0;
  std::atomic<int> current_ = -1;
  std::thread thread_;
};

}  // namespace taskqueue::test_support
