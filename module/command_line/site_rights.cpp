#include "module/command_line/site_rights.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "module/command_line/site_files.h"
#include "module/platform/descriptor.h"
#include "module/platform/site_access.h"

namespace taskqueue::command_line {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const std::string& what) {
  throw SiteFileError("cannot make " + what + ": " + std::strerror(errno));
}

// Makes the directory, or gives one that is there this owner and mode.
void makeDirectory(const std::string& path, uid_t owner, gid_t group, mode_t mode) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) refuse(path);
  const platform::Descriptor made(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!made.isOpen() || ::fchown(made.number(), owner, group) != 0 || ::fchmod(made.number(), mode) != 0)
    refuse(path);
}

void writeFile(const std::string& path, const std::string& text, uid_t owner, gid_t group) {
  const platform::Descriptor file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  const bool isWritten =
      file.isOpen() &&
      ::write(file.number(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      ::fchown(file.number(), owner, group) == 0 && ::fchmod(file.number(), platform::kSiteFileMode) == 0 &&
      ::fsync(file.number()) == 0;
  if (!isWritten) refuse(path);
}

// Returns why nothing can be given to the user, or an empty text.
std::string findProblem(const std::string& name, uid_t user, const std::string& output) {
  if (user == 0) return "the site's PHP may not run as root";
  if (::geteuid() != 0) return "only root can give files to " + name;
  struct stat status {};
  for (fs::path path = fs::path(output).parent_path(); path != path.root_path(); path = path.parent_path()) {
    if (::stat(path.c_str(), &status) == 0 && (status.st_mode & S_IXOTH) == 0)
      return name + " may not pass " + path.string() + ": name another directory with --output";
  }
  return "";
}

}  // namespace

SiteRights::SiteRights(const Options& options)
    : user_(options.user.value_or(kDefaultUser)), wakeDirectory_(options.wakeDirectory) {
  std::error_code failed;
  output_ = fs::weakly_canonical(options.output, failed).string();
  const auto site = platform::findProcessOwner(user_);
  problem_ = site ? findProblem(user_, site->user, output_) : "there is no user " + user_;
  if (!problem_.empty()) {
    if (options.user) throw SiteFileError(problem_);
    return;
  }
  group_ = site->group;
  const auto owner = options.owner ? platform::findProcessOwner(*options.owner) : std::nullopt;
  owner_ = owner ? owner->user : ::geteuid();
  struct stat status {};
  // A directory that attach still has to make is closed at first.
  outputIsClosed_ = ::stat(output_.c_str(), &status) != 0 ||
                    (status.st_mode & (status.st_gid == group_ ? S_IXGRP : S_IXOTH)) == 0;
}

std::vector<std::string> SiteRights::describe() const {
  std::vector<std::string> lines{siteDirectory() + "/" + platform::kSiteTokenFile + ", mode 0640",
                                 siteDirectory() + "/" + platform::kSiteSecretFile + ", mode 0640",
                                 wakeDirectory_ + "/, where it may wake the runners, mode 2750"};
  if (outputIsClosed_) lines.push_back(output_ + "/ may be passed by all users, and listed by none of them");
  return lines;
}

std::string SiteRights::settings() const {
  return "wake_directory=\"" + wakeDirectory_ + "\"\n\n[site]\nuser=" + user_ + "\ndirectory=\"" +
         siteDirectory() + "\"\n";
}

void SiteRights::give(const std::string& siteToken, const std::string& eventSecret) const {
  constexpr mode_t kParentMode = 0755;
  makeDirectory(siteDirectory(), owner_, group_, platform::kSiteDirectoryMode);
  writeFile(siteDirectory() + "/" + platform::kSiteTokenFile, siteToken + "\n", owner_, group_);
  writeFile(siteDirectory() + "/" + platform::kSiteSecretFile, eventSecret + "\n", owner_, group_);
  struct stat status {};
  if (outputIsClosed_ && (::stat(output_.c_str(), &status) != 0 ||
                          ::chmod(output_.c_str(), (status.st_mode & 07777U) | S_IXOTH) != 0))
    refuse(output_);
  std::error_code failed;
  const fs::path parent = fs::path(wakeDirectory_).parent_path();
  if (fs::create_directories(parent, failed)) fs::permissions(parent, fs::perms(kParentMode), failed);
  makeDirectory(wakeDirectory_, owner_, group_, platform::kWakeDirectoryMode);
}

std::vector<std::string> takeBackSiteRights(const platform::Configuration& configuration) {
  std::vector<std::string> removed;
  const auto remove = [&removed](const std::string& path) {
    std::error_code failed;
    if (fs::remove(path, failed)) removed.push_back(path);
  };
  const std::string& site = configuration.site.directory;
  if (configuration.site.user.empty() || site.empty()) return removed;
  for (const char* name : {platform::kSiteTokenFile, platform::kSiteSecretFile}) remove(site + "/" + name);
  remove(site);
  struct stat status {};
  const std::string output = fs::path(site).parent_path().string();
  const bool isPassable = ::stat(output.c_str(), &status) == 0 && (status.st_mode & S_IRWXO) == S_IXOTH;
  if (isPassable) ::chmod(output.c_str(), status.st_mode & 07776U);
  const std::string& wake = configuration.runner.wakeDirectory;
  if (wake == configuration.runner.runDirectory) return removed;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(wake, failed)) {
    if (entry.path().extension() == ".wake") fs::remove(entry.path(), failed);
  }
  remove(wake);
  return removed;
}

}  // namespace taskqueue::command_line
