#include "module/command_line/managed_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>

#include "module/command_line/site_files.h"
#include "module/platform/descriptor.h"
#include "module/platform/secret.h"
#include "module/platform/terminal_text.h"

namespace taskqueue::command_line {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kHashLength = 64;

// Returns the file's text, or nothing if there is no such file.
std::optional<std::string> contentOf(const std::string& path) {
  std::ifstream file(path);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

[[noreturn]] void refuseToWrite(const std::string& path) {
  throw SiteFileError("cannot write " + path + ": " + std::strerror(errno));
}

}  // namespace

ManagedFiles::ManagedFiles(std::string root) : root_(std::move(root)) {
  std::ifstream list(onDisk(kListPath));
  for (std::string line; std::getline(list, line);) {
    if (line.size() > kHashLength + 2) known_[line.substr(kHashLength + 2)] = line.substr(0, kHashLength);
  }
}

void ManagedFiles::remember(const std::string& path, const std::string& text) {
  known_[path] = platform::sha256Hex(text);
}

std::vector<std::string> ManagedFiles::paths() const {
  std::vector<std::string> paths;
  for (const auto& entry : known_) paths.push_back(entry.first);
  return paths;
}

ManagedFiles::State ManagedFiles::stateOf(const ManagedFile& file) const {
  const auto present = contentOf(onDisk(file.path));
  if (!present) return State::Missing;
  if (*present == file.text) return State::Same;
  const auto written = known_.find(file.path);
  const bool isOurs = written != known_.end() && written->second == platform::sha256Hex(*present);
  return isOurs ? State::Older : State::ChangedByHand;
}

void ManagedFiles::show() const {
  for (const ManagedFile& file : files_) {
    const State state = stateOf(file);
    const char* what = state == State::Missing ? "is written"
                       : state == State::Older ? "is replaced by"
                       : state == State::Same  ? "is there already"
                                               : "was changed by hand and stays; it would be";
    std::printf("%s, mode %04o, %s", file.path.c_str(), file.mode, what);
    if (state == State::Same || file.isSecret) {
      std::puts(file.isSecret ? " (a secret)" : "");
      continue;
    }
    std::puts(":");
    std::cout << std::flush;
    std::string line;
    for (const char c : file.text) {
      if (c != '\n') {
        line += c;
        continue;
      }
      std::puts(("  | " + platform::terminalText(line)).c_str());
      line.clear();
    }
  }
  std::fflush(stdout);
}

void ManagedFiles::write() {
  for (const ManagedFile& file : files_) {
    const State state = stateOf(file);
    if (state == State::Missing || state == State::Older) writeOne(file);
    if (state != State::ChangedByHand) remember(file.path, file.text);
  }
  writeList();
}

// Replaces the file in one step, so that nginx and cron never read half of it.
void ManagedFiles::writeOne(const ManagedFile& file) const {
  const std::string path = onDisk(file.path);
  std::error_code failed;
  fs::create_directories(fs::path(path).parent_path(), failed);
  const std::string made = path + ".taskqueue-new";
  ::unlink(made.c_str());
  const platform::Descriptor to(
      ::open(made.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  const bool done =
      to.isOpen() &&
      ::write(to.number(), file.text.data(), file.text.size()) == static_cast<ssize_t>(file.text.size()) &&
      ::fchown(to.number(), file.owner, file.group) == 0 && ::fchmod(to.number(), file.mode) == 0 &&
      ::fsync(to.number()) == 0 && ::rename(made.c_str(), path.c_str()) == 0;
  if (!done) refuseToWrite(path);
}

void ManagedFiles::writeList() const {
  std::string text;
  for (const auto& [path, hash] : known_) text += hash + "  " + path + "\n";
  writeOne({kListPath, text, /*isSecret=*/false, 0600, ::geteuid(), ::getegid()});
}

void ManagedFiles::removeAll() {
  for (const auto& [path, hash] : known_) {
    const auto present = contentOf(onDisk(path));
    if (!present) continue;
    const bool isOurs = platform::sha256Hex(*present) == hash;
    if (isOurs) ::unlink(onDisk(path).c_str());
    std::cout << "  " << platform::terminalText(path) << (isOurs ? "" : " was changed by hand: it stays")
              << "\n";
  }
  ::unlink(onDisk(kListPath).c_str());
  known_.clear();
}

}  // namespace taskqueue::command_line
