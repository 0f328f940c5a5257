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

constexpr std::chrono::seconds kForOneTree{
    60};                         // a process that goes on filling it must not hold us for ever
constexpr int kMaxAttempts = 5;  // when something came in after the directory was empty
constexpr std::size_t kNamesAtOnce = 1000;
constexpr mode_t kOwnersRights = 0700;

// Opens a directory for listing, never through a link, and gives its owner the rights to change it. -1:
// errno.
int openDirectory(int parent, const std::string& name) {
  const Descriptor place(::openat(parent, name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat status {};
  if (!place.isOpen() || ::fstat(place.number(), &status) != 0) return -1;
  if ((status.st_mode & kOwnersRights) != kOwnersRights) {
    // chmod(2) of this name acts on the open descriptor; fchmod(2) refuses one that O_PATH has opened.
    ::chmod(("/proc/self/fd/" + std::to_string(place.number())).c_str(), kOwnersRights);
  }
  return ::openat(place.number(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

// Some of the names in the directory, at least one if there is any.
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

// Empties one directory. Directories further down are moved up into it, so that it never goes deeper than one
// level: a handler can make trees that are deeper than a stack or a path could follow.
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

  // Whether something was removed from the directory, or moved up.
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
        openDirectory(directory, name));  // a directory that moves must be writable itself
    return withRights.isOpen() && move();
  }

  int top_;
  Clock::time_point end_ = Clock::now() + kForOneTree;
  std::int64_t moved_ = 0;
};

// In a thread of its own: the change of rights holds for that thread only, and would take away its wish to
// hear of its parent's death.
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
