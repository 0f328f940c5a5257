#include "module/platform/results_journal.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <sstream>

#include "module/json/run_end.h"
#include "module/platform/log.h"
#include "module/platform/run_directory.h"
#include "module/platform/runner_file.h"

namespace taskqueue::platform {
namespace {

constexpr json::Limits kLine{.bytes = 64 << 20, .depth = 3, .members = 100};

bool writeAll(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t size = ::write(file, text.data(), text.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(size));
  }
  return true;
}

}  // namespace

ResultsJournal::ResultsJournal(const Configuration& configuration, int taskRunnerId)
    : path_(runnerFile(configuration, "results", taskRunnerId)) {
  if (!path_.empty()) path_ += ".jsonl";
}

bool ResultsJournal::append(std::span<const RunEnd> ends) {
  if (path_.empty() || ends.empty()) return true;
  std::string lines;
  for (const RunEnd& end : ends) {
    json::Writer line;
    json::writeRunEnd(line, end);
    lines += line.text() + "\n";
  }
  const int file = openInRunDirectory(path_, O_WRONLY | O_CREAT | O_APPEND);
  const off_t before = file >= 0 ? ::lseek(file, 0, SEEK_END) : -1;
  const bool kept = before >= 0 && writeAll(file, lines) && ::fdatasync(file) == 0;
  const int error = errno;
  // A partial line would make the next line unreadable too.
  if (!kept && before >= 0 && ::ftruncate(file, before) != 0) {
    log(Level::Error, "the journal of results cannot be repaired", {{"path", path_}});
  }
  if (file >= 0) ::close(file);
  if (!kept) {
    log(Level::Error, "the journal of results cannot be written: what has ended is kept in memory only",
        {{"path", path_}, {"problem", std::strerror(error)}});
  }
  return kept;
}

std::vector<RunEnd> ResultsJournal::read() const {
  std::vector<RunEnd> ends;
  std::istringstream file(path_.empty() ? "" : readInRunDirectory(path_).value_or(""));
  for (std::string line; std::getline(file, line);) {
    const auto parsed = json::read(line, kLine);
    const auto* object = std::get_if<json::Document>(&parsed);
    if (object == nullptr) continue;
    if (auto end = json::readRunEnd(*object)) ends.push_back(std::move(*end));
  }
  return ends;
}

void ResultsJournal::remove() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

}  // namespace taskqueue::platform
