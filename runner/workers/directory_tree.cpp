#include "runner/workers/directory_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>
#include <thread>
#include <vector>

#include "module/platform/descriptor.h"

namespace taskqueue::runner {
namespace {

using platform::Descriptor;
using Clock = std::chrono::steady_clock;

// Limit for one tree, because a process may keep filling it.
constexpr std::chrono::seconds kForOneTree{60};
constexpr int kMaxAttempts = 5;  // attempts, if files appear after the directory was empty
constexpr std::size_t kNamesAtOnce = 1000;
constexpr mode_t kOwnersRights = 0700;

// Opens a directory for listing, never through a link, and gives its owner all rights. Returns -1 on failure;
// errno says why.
int openDirectory(int parent, const std::string& name) {
  const Descriptor place(::openat(parent, name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat status {};
  if (!place.isOpen() || ::fstat(place.number(), &status) != 0) return -1;
  if ((status.st_mode & kOwnersRights) != kOwnersRights) {
    // chmod(2) on this name changes the open directory; fchmod(2) rejects descriptors opened with O_PATH.
    ::chmod(("/proc/self/fd/" + std::to_string(place.number())).c_str(), kOwnersRights);
  }
  return ::openat(place.number(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

// Returns some of the names in the directory: at least one if there is any.
std::vector<std::string> namesIn(int directory) {
  std::vector<std::string> names;
  const int own = ::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const std::unique_ptr<DIR, int (*)(DIR*)> list(own < 0 ? nullptr : ::fdopendir(own), &::closedir);
  if (!list) {
    if (own >= 0) ::close(own);
    return names;
  }
  while (names.size() < kNamesAtOnce) {
    const dirent* entry = ::readdir(list.get());
    if (entry == nullptr) break;
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  return names;
}

bool isGone(int directory, const std::string& name) {
  return ::unlinkat(directory, name.c_str(), 0) == 0 || errno == ENOENT ||
         ::unlinkat(directory, name.c_str(), AT_REMOVEDIR) == 0;
}

// Empties one directory. It moves deeper directories up into that directory, so it never descends more than
// one level. A handler can make trees that are deeper than a stack or a path permits.
class Emptying {
 public:
  explicit Emptying(int top) : top_(top) {}

  bool run() {
    while (Clock::now() < end_) {
      const auto names = namesIn(top_);
      if (names.empty()) return true;
      bool anyGone = false;
      for (const std::string& name : names) anyGone |= remove(name);
      if (!anyGone) return false;
    }
    errno = ETIMEDOUT;
    return false;
  }

 private:
  bool remove(const std::string& name) {
    if (isGone(top_, name)) return true;
    const Descriptor directory(openDirectory(top_, name));
    bool anyGone = false;
    while (directory.isOpen() && Clock::now() < end_ && takeOut(directory.number())) anyGone = true;
    return isGone(top_, name) || anyGone;
  }

  // Returns whether anything in the directory was removed or moved up.
  bool takeOut(int directory) {
    bool any = false;
    for (const std::string& name : namesIn(directory))
      any |= isGone(directory, name) || moveUp(directory, name);
    return any;
  }

  bool moveUp(int directory, const std::string& name) {
    const std::string free = "removed-" + std::to_string(++moved_);
    const auto move = [&] {
      return ::renameat2(directory, name.c_str(), top_, free.c_str(), RENAME_NOREPLACE) == 0 ||
             errno == EEXIST;
    };
    if (move()) return true;
    const Descriptor withRights(
        // A directory can be moved only if it is writable itself.
        openDirectory(directory, name));
    return withRights.isOpen() && move();
  }

  int top_;
  Clock::time_point end_ = Clock::now() + kForOneTree;
  std::int64_t moved_ = 0;
};

// Works in a separate thread, because changed rights apply to the calling thread only. They would also clear
// its parent-death signal.
template <typename Work>
void doWithRightsOf(const struct stat& owner, Work work) {
  std::thread([&] {
    ::syscall(SYS_setgroups, 0, nullptr);
    ::setfsgid(owner.st_gid);
    ::setfsuid(owner.st_uid);
    work();
  }).join();
}

}  // namespace

std::string removeTree(int parent, const std::string& name) {
  int error = 0;
  for (int attempt = 0; attempt < kMaxAttempts && error == 0; ++attempt) {
    const Descriptor top(openDirectory(parent, name));
    struct stat owner {};
    if (top.isOpen() && ::fstat(top.number(), &owner) == 0) {
      const auto empty = [&] { error = Emptying(top.number()).run() ? 0 : errno; };
      if (::geteuid() == 0 && owner.st_uid != 0) {
        doWithRightsOf(owner, empty);
      } else {
        empty();
      }
    }
    if (isGone(parent, name) || errno == ENOENT) return "";
  }
  return std::strerror(error != 0 ? error : errno);
}

}  // namespace taskqueue::runner
