#include "runner/workers/work_directory.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>

#include "runner/workers/worker.h"

namespace taskqueue::runner {

WorkDirectory::WorkDirectory(const std::string& base, const std::string& name,
                             const std::optional<platform::ProcessOwner>& owner)
    : path_(base + "/" + name) {
  std::error_code failed;
  std::filesystem::create_directories(base, failed);
  std::filesystem::permissions(base, std::filesystem::perms(0711), failed);
  std::filesystem::remove_all(path_, failed);  // of an earlier process with our PID
  if (::mkdir(path_.c_str(), 0700) != 0 ||
      (owner && ::chown(path_.c_str(), owner->user, owner->group) != 0)) {
    throw LaunchError("no working directory " + path_ + ": " + std::strerror(errno));
  }
}

WorkDirectory::~WorkDirectory() {
  std::error_code failed;
  std::filesystem::remove_all(path_, failed);
}

void WorkDirectory::sweep(const std::string& base) {
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(base, failed)) {
    const std::string name = entry.path().filename();
    int pid = 0;
    std::from_chars(name.data(), name.data() + name.size(), pid);
    const bool isLeft = pid > 0 && pid != ::getpid() && ::kill(pid, 0) != 0 && errno == ESRCH;
    if (isLeft) std::filesystem::remove_all(entry.path(), failed);
  }
}

}  // namespace taskqueue::runner
