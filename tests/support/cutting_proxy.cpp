#include "tests/support/cutting_proxy.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <limits>
#include <stdexcept>

namespace taskqueue::test_support {
namespace {

constexpr int kLookMs = 50;  // interval of checks for the proxy's end
constexpr double kMeanBytes = 12000;

sockaddr_un addressOf(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  return address;
}

int connectTo(const std::string& path) {
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = addressOf(path);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return socket;
  ::close(socket);
  return -1;
}

// Forwards available data, at most `left` bytes. Returns false when this side has closed.
bool passOn(int from, int to, std::int64_t& left) {
  std::array<char, 4096> buffer;
  const auto max = static_cast<std::size_t>(std::min<std::int64_t>(left, buffer.size()));
  const ssize_t size = ::read(from, buffer.data(), max);
  if (size <= 0) return false;
  left -= size;
  return ::send(to, buffer.data(), static_cast<std::size_t>(size), MSG_NOSIGNAL) == size;
}

}  // namespace

CuttingProxy::CuttingProxy(std::string path, std::string server, std::uint64_t seed)
    : path_(std::move(path)), server_(std::move(server)), random_(seed) {
  ::unlink(path_.c_str());
  listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = addressOf(path_);
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener_, 100) != 0) {
    throw std::runtime_error("the proxy cannot listen on " + path_);
  }
  acceptor_ = std::thread([this] { accept(); });
}

CuttingProxy::~CuttingProxy() {
  ending_ = true;
  acceptor_.join();
  for (Pump& pump : pumps_) pump.thread.join();
  ::close(listener_);
  ::unlink(path_.c_str());
}

std::int64_t CuttingProxy::drawBytes() {
  if (!cutting_) return std::numeric_limits<std::int64_t>::max();
  const std::lock_guard lock(mutex_);
  return 1 + static_cast<std::int64_t>(std::exponential_distribution<>(1 / kMeanBytes)(random_));
}

void CuttingProxy::accept() {
  while (!ending_) {
    pollfd waiting{.fd = listener_, .events = POLLIN, .revents = 0};
    if (::poll(&waiting, 1, kLookMs) != 1) continue;
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    joinThoseThatAreOver();
    Pump& added = pumps_.emplace_back();
    added.thread = std::thread([this, client, &added] {
      pump(client);
      added.isOver = true;
    });
  }
}

// A finished thread keeps its stack until it is joined.
void CuttingProxy::joinThoseThatAreOver() {
  for (auto pump = pumps_.begin(); pump != pumps_.end();) {
    if (!pump->isOver) {
      ++pump;
      continue;
    }
    pump->thread.join();
    pump = pumps_.erase(pump);
  }
}

void CuttingProxy::pump(int client) {
  std::int64_t left = drawBytes();
  const int server = connectTo(server_);
  bool open = server >= 0;
  while (open && !ending_) {
    if (silent_) {
      std::this_thread::sleep_for(std::chrono::milliseconds(kLookMs));
      continue;
    }
    std::array<pollfd, 2> ends{pollfd{client, POLLIN, 0}, pollfd{server, POLLIN, 0}};
    if (::poll(ends.data(), ends.size(), kLookMs) <= 0) continue;
    if (ends[0].revents != 0) open = passOn(client, server, left);
    if (open && left > 0 && ends[1].revents != 0) open = passOn(server, client, left);
    if (left <= 0) {
      ++cuts_;
      open = false;
    }
  }
  ::close(client);
  if (server >= 0) ::close(server);
}

}  // namespace taskqueue::test_support
