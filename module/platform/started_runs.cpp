#include "module/platform/started_runs.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <sstream>
#include <utility>

#include "module/platform/log.h"
#include "module/platform/run_directory.h"
#include "module/platform/runner_file.h"
#include "module/queue/process_identity.h"

namespace taskqueue::platform {
namespace {

constexpr const char* kKind = "started";
constexpr std::size_t kTokenBytes = 32;
constexpr std::size_t kRecordBytes = kTokenBytes + 1;

std::string headLine() {
  return "boot " + currentProcessIdentity().bootId + "\n";
}

bool writeAt(int file, const std::string& text, std::size_t offset) {
  return ::pwrite(file, text.data(), text.size(), static_cast<off_t>(offset)) ==
         static_cast<ssize_t>(text.size());
}

}  // namespace

StartedRuns::StartedRuns(const Configuration& configuration, int taskRunnerId)
    : path_(runnerFile(configuration, kKind, taskRunnerId)), headLine_(headLine()) {
  if (path_.empty()) return;
  file_ = openInRunDirectory(path_, O_WRONLY | O_CREAT | O_TRUNC);
  if (file_ < 0 || !writeAt(file_, headLine_, 0)) removeFileLocked();
}

StartedRuns::~StartedRuns() {
  if (file_ >= 0) ::close(file_);
}

void StartedRuns::add(const std::string& runToken) {
  const std::lock_guard lock(mutex_);
  if (file_ < 0) return;
  std::size_t place = places_.size();  // if no record is free, the next one is appended
  if (!free_.empty()) {
    place = free_.back();
    free_.pop_back();
  }
  places_[runToken] = place;
  std::string line = runToken;
  line.resize(kTokenBytes, ' ');
  if (writeAt(file_, line + "\n", headLine_.size() + place * kRecordBytes)) return;
  // Without the file all runs count as started, which is safe.
  log(Level::Warning, "the started-runs file cannot be written",
      {{"path", path_}, {"problem", std::strerror(errno)}});
  removeFileLocked();
}

void StartedRuns::remove(const std::string& runToken) {
  const std::lock_guard lock(mutex_);
  const auto found = places_.find(runToken);
  if (found == places_.end()) return;
  free_.push_back(found->second);
  places_.erase(found);
}

void StartedRuns::removeFile() {
  const std::lock_guard lock(mutex_);
  removeFileLocked();
}

void StartedRuns::removeFileLocked() {
  if (file_ >= 0) ::close(std::exchange(file_, -1));
  if (!path_.empty()) ::unlink(path_.c_str());
}

std::optional<std::set<std::string>> StartedRuns::read(const Configuration& configuration, int taskRunnerId) {
  const std::string path = runnerFile(configuration, kKind, taskRunnerId);
  std::istringstream file(path.empty() ? "" : readInRunDirectory(path).value_or(""));
  std::string line;
  if (!std::getline(file, line) || line + "\n" != headLine()) return std::nullopt;
  std::set<std::string> tokens;
  while (std::getline(file, line)) tokens.insert(line.substr(0, line.find(' ')));
  return tokens;
}

void StartedRuns::removeFile(const Configuration& configuration, int taskRunnerId) {
  const std::string path = runnerFile(configuration, kKind, taskRunnerId);
  if (!path.empty()) ::unlink(path.c_str());
}

}  // namespace taskqueue::platform
