#include "module/platform/wake.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include "module/platform/descriptor.h"

namespace taskqueue::platform {
namespace {

constexpr const char* kPrefix = "runner-";
constexpr const char* kSuffix = ".wake";

}  // namespace

std::string wakeSocketPath(const std::string& wakeDirectory, int processId) {
  return wakeDirectory + "/" + kPrefix + std::to_string(processId) + kSuffix;
}

std::vector<int> wakeSocketOwners(const std::string& wakeDirectory) {
  std::vector<int> owners;
  if (wakeDirectory.empty()) return owners;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(wakeDirectory, failed)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) continue;
    const int owner = std::atoi(name.c_str() + std::string_view(kPrefix).size());
    if (owner > 0) owners.push_back(owner);
  }
  return owners;
}

void wakeRunners(const std::string& wakeDirectory) {
  if (wakeDirectory.empty()) return;
  const int sender = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (sender < 0) return;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(wakeDirectory, failed)) {
    const std::string path = entry.path().string();
    if (!path.ends_with(kSuffix)) continue;
    const Descriptor socket(::open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    if (!socket.isOpen()) continue;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    // This name leads to the opened socket, even if a link has replaced its path meanwhile.
    std::snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d", socket.number());
    const char wake = 'w';
    const auto* to = reinterpret_cast<const sockaddr*>(&address);
    if (::sendto(sender, &wake, 1, MSG_NOSIGNAL, to, sizeof address) < 0 && errno == ECONNREFUSED) {
      ::unlink(path.c_str());
    }
  }
  ::close(sender);
}

}  // namespace taskqueue::platform
