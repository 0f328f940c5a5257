#include "runner/workers/work_directory.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <vector>

#include "module/platform/log.h"
#include "runner/workers/worker.h"

namespace taskqueue::runner {
namespace {

// The PID in a name "PID-NUMBER"; nothing for any other name, which is none of ours.
std::optional<int> runnerOf(const std::string& name) {
  int pid = 0;
  int number = 0;
  const char* end = name.data() + name.size();
  const auto [dash, error] = std::from_chars(name.data(), end, pid);
  if (error != std::errc() || pid <= 0 || dash == end || *dash != '-') return std::nullopt;
  const auto [rest, wrong] = std::from_chars(dash + 1, end, number);
  return wrong == std::errc() && rest == end && number > 0 ? std::optional(pid) : std::nullopt;
}

// Gives the owner back the rights to all directories below; links are not followed.
void openAllBelow(const std::filesystem::path& top) {
  std::vector<std::filesystem::path> directories{top};
  std::error_code failed;
  while (!directories.empty()) {
    const std::filesystem::path directory = std::move(directories.back());
    directories.pop_back();
    std::filesystem::permissions(directory, std::filesystem::perms(0700), failed);
    for (const auto& entry : std::filesystem::directory_iterator(directory, failed)) {
      if (entry.symlink_status(failed).type() == std::filesystem::file_type::directory)
        directories.push_back(entry.path());
    }
  }
}

void removeAll(const std::filesystem::path& path) {
  std::error_code failed;
  std::filesystem::remove_all(path, failed);
  if (!failed) return;
  openAllBelow(path);
  std::filesystem::remove_all(path, failed);
  if (!failed) return;
  platform::log(platform::Level::Warning, "a working directory cannot be removed",
                {{"path", path.string()}, {"problem", failed.message()}});
}

}  // namespace

WorkDirectory::WorkDirectory(const std::string& base, const std::string& name,
                             const std::optional<platform::ProcessOwner>& owner)
    : path_(base + "/" + name) {
  std::error_code failed;
  std::filesystem::create_directories(base, failed);
  std::filesystem::permissions(base, std::filesystem::perms(0711), failed);
  removeAll(path_);  // of an earlier process with our PID
  if (::mkdir(path_.c_str(), 0700) != 0 ||
      (owner && ::chown(path_.c_str(), owner->user, owner->group) != 0)) {
    throw LaunchError("no working directory " + path_ + ": " + std::strerror(errno));
  }
}

WorkDirectory::~WorkDirectory() {
  removeAll(path_);
}

void WorkDirectory::sweep(const std::string& base) {
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(base, failed)) {
    const auto pid = runnerOf(entry.path().filename());
    const bool isLeft = pid && *pid != ::getpid() && ::kill(*pid, 0) != 0 && errno == ESRCH;
    if (isLeft) removeAll(entry.path());
  }
}

}  // namespace taskqueue::runner
