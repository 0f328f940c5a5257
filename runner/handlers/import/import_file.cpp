#include "runner/handlers/import/import_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "module/platform/descriptor.h"
#include "runner/handlers/task_handler.h"

namespace taskqueue::handlers {
namespace {

using platform::Descriptor;

[[noreturn]] void outside(const std::string& name) {
  throw GiveUp("file_outside", "the file \"" + name +
                                   "\" is not below the import directory; put it there, and name it "
                                   "relative to that directory");
}

[[noreturn]] void unreadable(const std::string& name, const std::string& why) {
  throw GiveUp("file_unreadable", "the file \"" + name + "\" cannot be read: " + why);
}

bool namesAParent(std::string_view name) {
  while (!name.empty()) {
    const auto slash = std::min(name.find('/'), name.size());
    if (name.substr(0, slash) == "..") return true;
    name.remove_prefix(std::min(slash + 1, name.size()));
  }
  return false;
}

// Returns the kernel's path of the open file.
std::optional<std::string> pathOf(int descriptor) {
  std::array<char, PATH_MAX> path{};
  const ssize_t size =
      ::readlink(("/proc/self/fd/" + std::to_string(descriptor)).c_str(), path.data(), path.size());
  if (size <= 0 || static_cast<std::size_t>(size) == path.size()) return std::nullopt;
  return std::string(path.data(), static_cast<std::size_t>(size));
}

int openBelow(int directory, const std::string& name) {
  // Without O_NONBLOCK a FIFO without a writer would block the run for ever.
  const int descriptor = ::openat(directory, name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor >= 0) return descriptor;
  if (errno == ENOENT || errno == ENOTDIR || errno == ENAMETOOLONG) {
    throw GiveUp("file_missing",
                 "there is no file \"" + name + "\" in the import directory; upload it, then retry");
  }
  unreadable(name, std::string(std::strerror(errno)) + "; let the task runner's user read it, then retry");
}

void checkPlace(int directory, int descriptor, const std::string& name) {
  auto root = pathOf(directory);
  const auto path = pathOf(descriptor);
  if (!root || !path) unreadable(name, "/proc does not tell its path");
  if (!root->ends_with('/')) root->push_back('/');
  if (!path->starts_with(*root)) outside(name);
}

std::int64_t nanoseconds(const struct timespec& time) {
  constexpr std::int64_t kPerSecond = 1'000'000'000;
  return static_cast<std::int64_t>(time.tv_sec) * kPerSecond + time.tv_nsec;
}

}  // namespace

ImportFile::ImportFile(const std::string& directory, std::string name) : name_(std::move(name)) {
  if (name_.find('\0') != std::string::npos)
    throw GiveUp("file_missing", "there can be no file \"" + name_ + "\": its name holds a NUL character");
  if (name_.starts_with('/') || namesAParent(name_)) outside(name_);

  const Descriptor root(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (root.number() < 0) {
    throw GiveUp("file_missing",
                 "the import directory " + directory + " cannot be opened: " + std::strerror(errno) +
                     "; make it, or correct the directory of this import in the configuration");
  }
  Descriptor file(openBelow(root.number(), name_));
  checkPlace(root.number(), file.number(), name_);

  struct stat status {};
  if (::fstat(file.number(), &status) != 0) unreadable(name_, std::strerror(errno));
  if (!S_ISREG(status.st_mode)) unreadable(name_, "it is not a regular file");
  bytes_ = status.st_size;
  modifiedNs_ = nanoseconds(status.st_mtim);
  descriptor_ = file.release();
}

ImportFile::~ImportFile() {
  ::close(descriptor_);
}

bool ImportFile::hasChanged() const {
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0) return true;
  return status.st_size != bytes_ || nanoseconds(status.st_mtim) != modifiedNs_;
}

}  // namespace taskqueue::handlers
