#include "module/platform/run_directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "module/platform/descriptor.h"

namespace taskqueue::platform {
namespace {

constexpr int kNoLink = O_NOFOLLOW | O_CLOEXEC;
constexpr int kNeverWait = O_NONBLOCK | O_NOCTTY;  // otherwise opening a pipe could block the program
constexpr mode_t kForItsOwner = 0600;
constexpr mode_t kForGroup = 0660;
constexpr mode_t kToPassThrough = 0711;
constexpr mode_t kAllRights = 07777;

// A Place is the directory that a path leads to, and the last name in the path.
class Place {
 public:
  explicit Place(const std::string& path)
      : name_(path.substr(path.rfind('/') + 1)),
        directory_(
            ::open(path.substr(0, path.size() - name_.size()).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {
    isUsable_ = directory_.isOpen() && ::fstat(directory_.number(), &status_) == 0;
  }

  bool isUsable() const { return isUsable_; }
  int directory() const { return directory_.number(); }
  const char* name() const { return name_.c_str(); }
  uid_t owner() const { return status_.st_uid; }
  gid_t group() const { return status_.st_gid; }

  bool isOfOurUsers(uid_t user) const { return user == 0 || user == ::geteuid() || user == owner(); }

 private:
  std::string name_;
  Descriptor directory_;
  struct stat status_ {};
  bool isUsable_ = false;
};

bool isPlainFileOfOurs(int file, const Place& place) {
  struct stat status {};
  if (::fstat(file, &status) != 0) return false;
  if (S_ISREG(status.st_mode) && status.st_nlink == 1 && place.isOfOurUsers(status.st_uid)) return true;
  errno = EPERM;
  return false;
}

// Only root can give the entries that it makes to another user.
bool giveToOwner(int file, const Place& place) {
  return ::geteuid() != 0 || ::fchownat(file, "", place.owner(), place.group(), AT_EMPTY_PATH) == 0;
}

}  // namespace

int openInRunDirectory(const std::string& path, int flags) {
  const Place place(path);
  if (!place.isUsable()) return -1;
  if ((flags & O_CREAT) != 0) {
    Descriptor made(
        ::openat(place.directory(), place.name(), flags | O_EXCL | kNoLink | kNeverWait, kForItsOwner));
    if (made.isOpen()) return giveToOwner(made.number(), place) ? made.release() : -1;
    if (errno != EEXIST) return -1;
  }
  const int withoutChange = flags & ~(O_CREAT | O_TRUNC);
  Descriptor file(::openat(place.directory(), place.name(), withoutChange | kNoLink | kNeverWait));
  if (!file.isOpen() || !isPlainFileOfOurs(file.number(), place)) return -1;
  if ((flags & O_TRUNC) != 0 && ::ftruncate(file.number(), 0) != 0) return -1;
  return file.release();
}

std::optional<std::string> readInRunDirectory(const std::string& path) {
  const Descriptor file(openInRunDirectory(path, O_RDONLY));
  if (!file.isOpen()) return std::nullopt;
  std::string text;
  std::array<char, 64 * 1024> buffer;
  while (true) {
    const ssize_t size = ::read(file.number(), buffer.data(), buffer.size());
    if (size == 0) return text;
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return std::nullopt;
    text.append(buffer.data(), static_cast<std::size_t>(size));
  }
}

int openDirectoryInRunDirectory(const std::string& path) {
  const Place place(path);
  if (!place.isUsable()) return -1;
  const bool isNew = ::mkdirat(place.directory(), place.name(), kToPassThrough) == 0;
  if (!isNew && errno != EEXIST) return -1;
  Descriptor made(::openat(place.directory(), place.name(), O_RDONLY | O_DIRECTORY | kNoLink));
  struct stat status {};
  if (!made.isOpen() || ::fstat(made.number(), &status) != 0) return -1;
  if (!place.isOfOurUsers(status.st_uid)) {
    errno = EPERM;
    return -1;
  }
  if (isNew && !giveToOwner(made.number(), place)) return -1;
  const bool isOpenToAll = (status.st_mode & kAllRights) == kToPassThrough;
  if (!isOpenToAll && ::fchmod(made.number(), kToPassThrough) != 0) return -1;
  return made.release();
}

bool shareSocketInRunDirectory(const std::string& path) {
  const Place place(path);
  if (!place.isUsable()) return false;
  const Descriptor made(::openat(place.directory(), place.name(), O_PATH | kNoLink));
  struct stat status {};
  if (!made.isOpen() || ::fstat(made.number(), &status) != 0) return false;
  if (!S_ISSOCK(status.st_mode) || status.st_uid != ::geteuid() || status.st_nlink != 1) {
    errno = EPERM;
    return false;
  }
  // chmod(2) of this name acts on the open descriptor; fchmod(2) refuses a descriptor opened with O_PATH.
  const std::string itself = "/proc/self/fd/" + std::to_string(made.number());
  return ::chmod(itself.c_str(), kForGroup) == 0 && giveToOwner(made.number(), place);
}

}  // namespace taskqueue::platform
