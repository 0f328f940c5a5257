#include "tests/support/hostile_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <utility>

namespace taskqueue::test_support {

bool HostileServer::Peer::say(std::string_view text) const {
  while (!text.empty()) {
    const ssize_t sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::string HostileServer::Peer::hear() const {
  std::string line;
  for (char c = 0; ::recv(socket_, &c, 1, 0) == 1 && c != '\n';) {
    if (c != '\r') line += c;
  }
  return line;
}

HostileServer::HostileServer(std::function<void(const Peer&)> conversation)
    : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* bare = reinterpret_cast<sockaddr*>(&address);
  constexpr int kBacklog = 16;
  const bool listens = ::bind(listener_, bare, size) == 0 && ::listen(listener_, kBacklog) == 0 &&
                       ::getsockname(listener_, bare, &size) == 0;
  if (!listens) throw std::runtime_error("the hostile server cannot listen");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this, conversation = std::move(conversation)] { serve(conversation); });
}

HostileServer::~HostileServer() {
  stop();
  ::close(listener_);
}

void HostileServer::stop() {
  ::shutdown(listener_, SHUT_RDWR);
  if (const int current = current_; current >= 0) ::shutdown(current, SHUT_RDWR);
  if (thread_.joinable()) thread_.join();
}

void HostileServer::serve(const std::function<void(const Peer&)>& conversation) {
  for (;;) {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    current_ = socket;
    ++connections_;
    conversation(Peer(socket));
    current_ = -1;
    ::close(socket);
  }
}

}  // namespace taskqueue::test_support
