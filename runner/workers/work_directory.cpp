#include "runner/workers/work_directory.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <vector>

#include "module/platform/log.h"
#include "module/platform/run_directory.h"
#include "runner/workers/directory_tree.h"
#include "runner/workers/worker.h"

namespace taskqueue::runner {
namespace {

using platform::Descriptor;

constexpr mode_t kForItsOwner = 0700;

// Returns the PID in a name "PID-NUMBER"; nothing for a name that no runner made.
std::optional<int> runnerOf(const std::string& name) {
  int pid = 0;
  int number = 0;
  const char* end = name.data() + name.size();
  const auto [dash, error] = std::from_chars(name.data(), end, pid);
  if (error != std::errc() || pid <= 0 || dash == end || *dash != '-') return std::nullopt;
  const auto [rest, wrong] = std::from_chars(dash + 1, end, number);
  return wrong == std::errc() && rest == end && number > 0 ? std::optional(pid) : std::nullopt;
}

void removeAll(int base, const std::string& name) {
  const std::string problem = removeTree(base, name);
  if (problem.empty()) return;
  platform::log(platform::Level::Warning, "a working directory cannot be removed",
                {{"name", name}, {"problem", problem}});
}

int openBase(const std::string& base) {
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(base).parent_path(), ignored);
  return platform::openDirectoryInRunDirectory(base);
}

}  // namespace

WorkDirectory::WorkDirectory(const std::string& base, const std::string& name,
                             const std::optional<platform::ProcessOwner>& owner)
    : base_(openBase(base)), name_(name), path_(base + "/" + name) {
  if (!base_.isOpen()) fail();
  removeTree(base_.number(), name);  // an earlier process with our PID may have left it
  if (::mkdirat(base_.number(), name.c_str(), kForItsOwner) != 0) fail();
  if (!owner) return;
  const Descriptor made(
      ::openat(base_.number(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat status {};
  // If another process has replaced the directory, its owner is not changed.
  const bool isOurs = made.isOpen() && ::fstat(made.number(), &status) == 0 && status.st_uid == ::geteuid();
  if (!isOurs || ::fchown(made.number(), owner->user, owner->group) != 0) fail();
}

void WorkDirectory::fail() const {
  throw LaunchError("no working directory " + path_ + ": " + std::strerror(errno));
}

WorkDirectory::~WorkDirectory() {
  removeAll(base_.number(), name_);
}

void WorkDirectory::sweep(const std::string& base) {
  const Descriptor open(::open(base.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!open.isOpen()) return;
  std::error_code failed;
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(base, failed)) {
    names.push_back(entry.path().filename());
  }
  for (const std::string& name : names) {
    const auto pid = runnerOf(name);
    const bool isLeft = pid && *pid != ::getpid() && ::kill(*pid, 0) != 0 && errno == ESRCH;
    if (isLeft) removeAll(open.number(), name);
  }
}

}  // namespace taskqueue::runner
