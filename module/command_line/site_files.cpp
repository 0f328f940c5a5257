#include "module/command_line/site_files.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>

namespace taskqueue::command_line {
namespace {

// Quotes a value for MariaDB's option files, and escapes quotes and backslashes.
std::string optionValue(std::string_view value) {
  std::string text = "\"";
  for (const char c : value) text += (c == '"' || c == '\\' ? "\\" : "") + std::string(1, c);
  return text + "\"";
}

// Returns false and sets errno on an error.
bool writeAll(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

std::string optionFileText(const platform::CmsConfiguration& cms) {
  std::string text = "[client]\n";
  if (!cms.socket.empty()) {
    text += "socket=" + optionValue(cms.socket) + "\n";
  } else {
    text += "host=" + optionValue(cms.host) + "\n";
    if (cms.port != 0) text += "port=" + std::to_string(cms.port) + "\n";
  }
  return text + "user=" + optionValue(cms.user) + "\npassword=" + optionValue(cms.password) + "\n";
}

MemoryFile::MemoryFile(const std::string& text) : descriptor_(::memfd_create("taskqueue", MFD_CLOEXEC)) {
  if (descriptor_ >= 0 && writeAll(descriptor_, text)) return;
  if (descriptor_ >= 0) ::close(descriptor_);
  throw SiteFileError(std::string("no memory for a file: ") + std::strerror(errno));
}

MemoryFile::~MemoryFile() {
  ::close(descriptor_);
}

SiteFiles::SiteFiles(const Options& options) : makesDirectory_(options.makesDirectory) {
  std::error_code error;
  directory_ = std::filesystem::weakly_canonical(options.directory, error);
  const bool isThere = !error && std::filesystem::is_directory(directory_, error);
  if (!isThere && !makesDirectory_)
    throw SiteFileError(options.directory + " is no directory: make it first");
  if (!options.owner) return;
  const passwd* user = ::getpwnam(options.owner->c_str());
  if (user == nullptr) throw SiteFileError("there is no user " + *options.owner);
  owner_ = {user->pw_uid, user->pw_gid};
}

void SiteFiles::add(const std::string& name, const std::string& text) {
  const std::string path = pathOf(name);
  std::error_code error;
  if (std::filesystem::exists(std::filesystem::symlink_status(path, error)))
    throw SiteFileError(path + " is there already: remove it, or name another directory");
  files_.emplace_back(path, text);
}

std::vector<std::string> SiteFiles::paths() const {
  std::vector<std::string> paths;
  for (const auto& file : files_) paths.push_back(file.first);
  return paths;
}

void SiteFiles::write() const {
  constexpr mode_t kDirectoryMode = 0750;
  if (makesDirectory_ && !std::filesystem::exists(directory_)) {
    std::filesystem::create_directories(std::filesystem::path(directory_).parent_path());
    const bool isMade = ::mkdir(directory_.c_str(), kDirectoryMode) == 0 &&
                        (!owner_ || ::chown(directory_.c_str(), owner_->first, owner_->second) == 0);
    if (!isMade) throw SiteFileError("cannot make " + directory_ + ": " + std::strerror(errno));
  }
  for (const auto& [path, text] : files_) {
    constexpr mode_t kForItsOwner = 0600;
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kForItsOwner);
    bool done = file >= 0 && (!owner_ || ::fchown(file, owner_->first, owner_->second) == 0) &&
                writeAll(file, text) && ::fsync(file) == 0;
    const int problem = errno;
    if (file >= 0 && ::close(file) != 0) done = false;
    if (!done) throw SiteFileError("cannot write " + path + ": " + std::strerror(problem));
  }
}

}  // namespace taskqueue::command_line
