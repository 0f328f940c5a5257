#include "module/platform/batch_record.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <vector>

#include "module/platform/run_directory.h"

namespace taskqueue::platform {
namespace {

// How many runs the worker may begin, how many it has begun, a line feed; then a line for each token.
constexpr off_t kAllowedPlace = 0;
constexpr off_t kBegunPlace = 1;
constexpr std::size_t kHeadBytes = 3;

std::string recordPrefix(const Configuration& configuration, const std::string& runnerName) {
  if (configuration.runner.runDirectory.empty()) return "";
  return configuration.runner.runDirectory + "/batch-" + runnerName + "-";
}

std::string recordPath(const Configuration& configuration, const std::string& runnerName, int number) {
  const std::string prefix = recordPrefix(configuration, runnerName);
  return prefix.empty() ? "" : prefix + std::to_string(number);
}

std::vector<std::string> recordPaths(const Configuration& configuration, const std::string& runnerName) {
  std::vector<std::string> paths;
  const std::string prefix = recordPrefix(configuration, runnerName);
  if (prefix.empty() || runnerName.empty()) return paths;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(configuration.runner.runDirectory, failed)) {
    if (entry.path().string().starts_with(prefix)) paths.push_back(entry.path().string());
  }
  return paths;
}

}  // namespace

BatchRecord::BatchRecord(const Configuration& configuration, const std::string& runnerName, int number)
    : path_(recordPath(configuration, runnerName, number)),
      file_(path_.empty() ? -1 : openInRunDirectory(path_, O_RDWR | O_CREAT | O_TRUNC)) {
  // The worker maps the beginning of the file, so that must be there.
  const std::array<char, kHeadBytes> head{0, 0, '\n'};
  if (file_.isOpen() && ::pwrite(file_.number(), head.data(), head.size(), 0) != std::ssize(head))
    ::close(file_.release());
}

BatchRecord::~BatchRecord() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

bool BatchRecord::handOver(std::span<const std::string> runTokens) {
  if (!file_.isOpen() || runTokens.size() > static_cast<std::size_t>(kMaxRuns)) return false;
  std::string content(1, static_cast<char>(runTokens.size()));
  content += '\1';
  content += '\n';
  for (const std::string& token : runTokens) content.append(token).append("\n");
  return ::pwrite(file_.number(), content.data(), content.size(), 0) == std::ssize(content);
}

int BatchRecord::readBegunCount() const {
  unsigned char begun = 0;
  return ::pread(file_.number(), &begun, 1, kBegunPlace) == 1 ? begun : kMaxRuns;
}

// The worker notes a run and then looks at what is allowed; we note what is allowed and then look at its
// runs. So a run that it begins meanwhile is seen by at least one of us.
int BatchRecord::holdBack() {
  const auto allowed = static_cast<unsigned char>(readBegunCount());
  if (::pwrite(file_.number(), &allowed, 1, kAllowedPlace) != 1) return kMaxRuns;
  return readBegunCount();
}

std::set<std::string> BatchRecord::readBegun(const Configuration& configuration,
                                             const std::string& runnerName) {
  std::set<std::string> tokens;
  for (const std::string& path : recordPaths(configuration, runnerName)) {
    const std::string text = readInRunDirectory(path).value_or("");
    if (text.size() < kHeadBytes) continue;
    std::size_t at = kHeadBytes;
    for (int left = static_cast<unsigned char>(text[kBegunPlace]); left > 0 && at < text.size(); --left) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      tokens.insert(text.substr(at, end - at));
      at = end + 1;
    }
  }
  return tokens;
}

void BatchRecord::removeAll(const Configuration& configuration, const std::string& runnerName) {
  for (const std::string& path : recordPaths(configuration, runnerName)) ::unlink(path.c_str());
}

}  // namespace taskqueue::platform
