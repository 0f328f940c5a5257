#include "module/platform/wake.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>

#include "module/platform/descriptor.h"

namespace taskqueue::platform {
namespace {

constexpr const char* kPrefix = "runner-";
constexpr const char* kSuffix = ".wake";
constexpr std::int64_t kNanoseconds = 1'000'000'000;
// The kernel dates a change by its clock tick, so two changes within a tick look like one.
constexpr std::int64_t kSurelyOlderNanoseconds = 50'000'000;

std::int64_t nanosecondsOf(const timespec& time) {
  return std::int64_t{time.tv_sec} * kNanoseconds + time.tv_nsec;
}

std::int64_t nowNanoseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return nanosecondsOf(now);
}

// Connects to the socket at this path itself, not to what a link leads to. Returns -1 on failure, and errno
// says why.
int connectTo(const std::string& path) {
  const Descriptor found(::open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!found.isOpen()) return -1;
  Descriptor sender(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!sender.isOpen()) return -1;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  // This name leads to the opened socket, even if a link has replaced its path meanwhile.
  std::snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d", found.number());
  const auto* to = reinterpret_cast<const sockaddr*>(&address);
  if (::connect(sender.number(), to, sizeof address) != 0) return -1;
  return sender.release();
}

// Removes the socket that a killed runner has left. A young one may be about to listen: it stays, and false
// is returned.
bool removeIfOld(const std::string& path) {
  struct stat seen {};
  if (::lstat(path.c_str(), &seen) != 0) return true;
  if (nowNanoseconds() - nanosecondsOf(seen.st_ctim) < kNanoseconds) return false;
  ::unlink(path.c_str());
  return true;
}

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

std::string wakeText(std::span<const int> newTasks) {
  std::string text = "w";
  if (newTasks.size() > kMaxWokenTasks) return text;
  for (const int id : newTasks) text += " " + std::to_string(id);
  return text;
}

std::vector<int> tasksOfWakeText(std::string_view datagram) {
  std::vector<int> tasks;
  if (!datagram.starts_with('w') || datagram.size() > kMaxWakeBytes) return tasks;
  const char* at = datagram.data() + 1;
  const char* const end = datagram.data() + datagram.size();
  while (at != end) {
    int id = 0;
    if (*at != ' ' || tasks.size() == kMaxWokenTasks) return {};
    const auto [next, problem] = std::from_chars(at + 1, end, id);
    if (problem != std::errc() || id < 1) return {};
    tasks.push_back(id);
    at = next;
  }
  return tasks;
}

struct RunnerWaker::Listener {
  explicit Listener(int number) : socket(number) {}

  Descriptor socket;
};

RunnerWaker::RunnerWaker(std::string wakeDirectory) : directory_(std::move(wakeDirectory)) {}

RunnerWaker::~RunnerWaker() = default;

std::optional<RunnerWaker::Seen> RunnerWaker::look() const {
  struct stat seen {};
  if (::stat(directory_.c_str(), &seen) != 0) return std::nullopt;
  return Seen{seen.st_dev, seen.st_ino, nanosecondsOf(seen.st_mtim)};
}

void RunnerWaker::connectAll(const std::optional<Seen>& seen) {
  listeners_.clear();
  read_ = seen && nowNanoseconds() - seen->changedAt > kSurelyOlderNanoseconds ? seen : std::nullopt;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(directory_, failed)) {
    const std::string path = entry.path().string();
    if (!path.ends_with(kSuffix)) continue;
    const int socket = connectTo(path);
    if (socket >= 0) {
      listeners_.push_back(std::make_unique<Listener>(socket));
    } else if (errno != ECONNREFUSED || !removeIfOld(path)) {
      failed = std::make_error_code(std::errc::resource_unavailable_try_again);
    }
  }
  if (failed) read_.reset();  // the next wake-up tries again
}

void RunnerWaker::wake(std::span<const int> newTasks) {
  if (directory_.empty()) return;
  const std::string text = wakeText(newTasks);
  const std::lock_guard lock(mutex_);
  if (const auto seen = look(); !seen || seen != read_) connectAll(seen);
  std::erase_if(listeners_, [&](const auto& listener) {
    if (::send(listener->socket.number(), text.data(), text.size(), MSG_NOSIGNAL) >= 0) return false;
    if (errno != ECONNREFUSED && errno != ENOTCONN) return false;  // its queue may be full
    read_.reset();
    return true;
  });
}

}  // namespace taskqueue::platform
