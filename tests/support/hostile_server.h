// A server on loopback that says to whoever connects what the test wants, with no regard for any protocol.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

namespace taskqueue::test_support {

class HostileServer {
 public:
  // The other side of one connection, which ends when the conversation returns.
  class Peer {
   public:
    explicit Peer(int socket) : socket_(socket) {}
    // False when the other side has hung up.
    bool say(std::string_view text) const;
    // The next line without its end, or what came before the other side hung up.
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
  // Ends the conversation, and waits for that.
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
