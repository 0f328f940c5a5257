#include "module/platform/started_runs.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sstream>
#include <utility>

#include "module/platform/batch_record.h"
#include "module/platform/log.h"
#include "module/platform/run_directory.h"
#include "module/platform/runner_file.h"
#include "module/queue/process_identity.h"

namespace taskqueue::platform {
namespace {

constexpr const char* kKind = "started";
constexpr std::size_t kTokenBytes = 32;
constexpr std::size_t kRecordBytes = kTokenBytes + 1;

constexpr std::size_t kInBatchRecord = static_cast<std::size_t>(-1);  // the run is in a BatchRecord
constexpr std::string_view kBatchesWord = "batches ";

std::string bootLine() {
  return "boot " + currentProcessIdentity().bootId + "\n";
}

// Returns the name in the file's second line.
std::string runnerNameIn(std::istream& file) {
  std::string line;
  std::getline(file, line);
  return line.starts_with(kBatchesWord) ? line.substr(kBatchesWord.size()) : "";
}

std::string recordOf(std::string runToken) {
  runToken.resize(kTokenBytes, ' ');
  return runToken + "\n";
}

bool writeAt(int file, const std::string& text, std::size_t offset) {
  return ::pwrite(file, text.data(), text.size(), static_cast<off_t>(offset)) ==
         static_cast<ssize_t>(text.size());
}

}  // namespace

StartedRuns::StartedRuns(const Configuration& configuration, int taskRunnerId, const std::string& runnerName)
    : path_(runnerFile(configuration, kKind, taskRunnerId)),
      head_(bootLine() + std::string(kBatchesWord) + runnerName + "\n") {
  if (path_.empty()) return;
  file_ = openInRunDirectory(path_, O_WRONLY | O_CREAT | O_TRUNC);
  if (file_ < 0 || !writeAt(file_, head_, 0)) removeFileLocked();
}

StartedRuns::~StartedRuns() {
  if (file_ >= 0) ::close(file_);
}

std::size_t StartedRuns::takePlaceLocked() {
  if (free_.empty()) return records_++;
  const std::size_t place = free_.back();
  free_.pop_back();
  return place;
}

void StartedRuns::writeLocked(const std::string& records, std::size_t place) {
  if (file_ < 0 || writeAt(file_, records, head_.size() + place * kRecordBytes)) return;
  // Without the file all runs count as started, which is safe.
  log(Level::Warning, "the started-runs file cannot be written",
      {{"path", path_}, {"problem", std::strerror(errno)}});
  removeFileLocked();
}

void StartedRuns::add(const std::string& runToken) {
  const std::lock_guard lock(mutex_);
  if (file_ < 0) return;
  const std::size_t place = takePlaceLocked();
  places_[runToken] = place;
  writeLocked(recordOf(runToken), place);
}

void StartedRuns::expect(std::span<const std::string> runTokens) {
  const std::lock_guard lock(mutex_);
  if (file_ < 0) return;
  for (const std::string& token : runTokens) places_[token] = kInBatchRecord;
}

// Records whose places follow each other are written together.
void StartedRuns::keep(std::span<const std::string> runTokens) {
  const std::lock_guard lock(mutex_);
  if (file_ < 0) return;
  std::vector<std::unordered_map<std::string, std::size_t>::iterator> kept;
  for (const std::string& token : runTokens) {
    const auto found = places_.find(token);
    if (found != places_.end() && found->second == kInBatchRecord) kept.push_back(found);
  }
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < kept.size(); ++i) places.push_back(takePlaceLocked());
  std::sort(places.begin(), places.end());
  std::string records;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    kept[i]->second = places[i];
    records += recordOf(kept[i]->first);
    if (i + 1 < kept.size() && places[i + 1] == places[i] + 1) continue;
    writeLocked(records, places[i] + 1 - records.size() / kRecordBytes);
    records.clear();
  }
}

void StartedRuns::remove(const std::string& runToken) {
  const std::lock_guard lock(mutex_);
  const auto found = places_.find(runToken);
  if (found == places_.end()) return;
  if (found->second != kInBatchRecord) free_.push_back(found->second);
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
  if (!std::getline(file, line) || line + "\n" != bootLine()) return std::nullopt;
  std::set<std::string> tokens = BatchRecord::readBegun(configuration, runnerNameIn(file));
  while (std::getline(file, line)) tokens.insert(line.substr(0, line.find(' ')));
  return tokens;
}

void StartedRuns::removeFile(const Configuration& configuration, int taskRunnerId) {
  const std::string path = runnerFile(configuration, kKind, taskRunnerId);
  if (path.empty()) return;
  std::istringstream file(readInRunDirectory(path).value_or(""));
  std::string line;
  if (std::getline(file, line)) BatchRecord::removeAll(configuration, runnerNameIn(file));
  ::unlink(path.c_str());
}

}  // namespace taskqueue::platform
