#include "tests/bench/http_load.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <functional>
#include <memory>
#include <stdexcept>

#include "tests/bench/measurement.h"

namespace taskqueue::bench {
namespace {

constexpr int kAnswerLimitMs = 60000;

// One connection, with the answer received so far.
class HttpClient {
 public:
  explicit HttpClient(int port) : port_(port) { connect(); }
  ~HttpClient() { ::close(socket_); }
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  int socket() const { return socket_; }

  // nginx closes a connection after a thousand requests, and announces it.
  void send(const std::string& request) {
    if (closes_) {
      ::close(socket_);
      connect();
    }
    answer_.clear();
    start_ = Clock::now();
    for (std::size_t sent = 0; sent < request.size();) {
      const auto size = ::send(socket_, request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
      if (size < 0) throw std::runtime_error("nginx does not take the request");
      sent += static_cast<std::size_t>(size);
    }
  }

  // Reads the available data. Returns true when the answer is complete.
  bool receive(int status) {
    char piece[65536];
    const auto size = ::recv(socket_, piece, sizeof piece, 0);
    if (size <= 0) throw std::runtime_error("nginx broke the connection off");
    answer_.append(piece, static_cast<std::size_t>(size));
    const auto head = answer_.find("\r\n\r\n");
    if (head == std::string::npos || !isWhole(head)) return false;
    if (std::atoi(answer_.c_str() + std::strlen("HTTP/1.1 ")) != status) {
      throw std::runtime_error("an answer is not " + std::to_string(status) + ": " + answer_.substr(0, 1000));
    }
    closes_ = answer_.substr(0, head).find("\r\nConnection: close") != std::string::npos;
    return true;
  }

  double seconds() const { return secondsSince(start_); }

 private:
  void connect() {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port_));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error("nginx cannot be reached");
    }
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    closes_ = false;
  }

  bool isWhole(std::size_t head) const {
    constexpr std::string_view kLastChunk = "0\r\n\r\n";
    constexpr std::string_view kLength = "\r\nContent-Length: ";
    const auto length = answer_.find(kLength);
    if (length < head) {
      return answer_.size() >=
             head + 4 + std::strtoul(answer_.c_str() + length + kLength.size(), nullptr, 10);
    }
    return answer_.size() > head + 4 && answer_.ends_with(kLastChunk);
  }

  int port_;
  int socket_ = -1;
  bool closes_ = false;
  std::string answer_;
  Clock::time_point start_;
};

HttpAnswers runUntil(int port, int connections, const std::string& request, int status,
                     const std::function<bool(const HttpAnswers&)>& isEnough) {
  std::vector<std::unique_ptr<HttpClient>> clients;
  for (int i = 0; i < connections; ++i) clients.push_back(std::make_unique<HttpClient>(port));
  std::vector<pollfd> sockets;
  HttpAnswers answers;
  const auto start = Clock::now();
  for (const auto& client : clients) {
    client->send(request);
    sockets.push_back({client->socket(), POLLIN, 0});
  }
  for (int waiting = connections; waiting > 0;) {
    if (::poll(sockets.data(), sockets.size(), kAnswerLimitMs) <= 0) {
      throw std::runtime_error("nginx does not answer");
    }
    for (std::size_t i = 0; i < clients.size(); ++i) {
      if (sockets[i].revents == 0 || !clients[i]->receive(status)) continue;
      answers.seconds.push_back(clients[i]->seconds());
      if (isEnough(answers)) {
        sockets[i].fd = -1;
        --waiting;
        continue;
      }
      clients[i]->send(request);
      sockets[i].fd = clients[i]->socket();
    }
  }
  answers.elapsed = secondsSince(start);
  return answers;
}

}  // namespace

std::string httpPost(const std::string& path, const std::string& body, const std::string& headers) {
  return "POST " + path + " HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n" + headers + "\r\n" + body;
}

std::string httpGet(const std::string& path, const std::string& headers) {
  return "GET " + path + " HTTP/1.1\r\nHost: bench\r\n" + headers + "\r\n";
}

HttpAnswers HttpLoad::runFor(std::chrono::duration<double> time, int connections, const std::string& request,
                             int status) {
  const auto start = Clock::now();
  return runUntil(port_, connections, request, status,
                  [&](const HttpAnswers&) { return Clock::now() - start >= time; });
}

HttpAnswers HttpLoad::run(int requests, int connections, const std::string& request, int status) {
  return runUntil(port_, connections, request, status, [&](const HttpAnswers& answers) {
    return answers.seconds.size() + static_cast<std::size_t>(connections) >
           static_cast<std::size_t>(requests);
  });
}

}  // namespace taskqueue::bench
