// Writes the files that connect TaskQueue with a site. Only their owner can read them, and existing files are
// never overwritten.
#pragma once

#include <sys/types.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "module/platform/cms_configuration.h"

namespace taskqueue::command_line {

// The text is one line that names the file, the reason and how to mend it.
class SiteFileError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Returns a MariaDB option file with the CMS's account. Values may hold any characters.
std::string optionFileText(const platform::CmsConfiguration& cms);

// A file in memory that is never on a disk. Only this process can open path(), and only while the object
// lives.
class MemoryFile {
 public:
  explicit MemoryFile(const std::string& text);
  ~MemoryFile();
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

class SiteFiles {
 public:
  struct Options {
    std::string directory;
    std::optional<std::string> owner;  // a user's name, which only root may give; absent: the current user
    bool makesDirectory = false;       // write() makes the directory; otherwise it must exist
  };

  // Throws SiteFileError if the directory or the owner does not exist.
  explicit SiteFiles(const Options& options);

  // Adds a file. Throws SiteFileError if a file of this name exists.
  void add(const std::string& name, const std::string& text);

  // Returns absolute paths in the order of adding.
  std::vector<std::string> paths() const;
  std::string pathOf(const std::string& name) const { return directory_ + "/" + name; }

  const std::vector<std::pair<std::string, std::string>>& files() const { return files_; }  // paths and texts

  // Writes the files with mode 0600. Throws SiteFileError; files written before the error stay.
  void write() const;

 private:
  std::string directory_;
  bool makesDirectory_;
  std::optional<std::pair<uid_t, gid_t>> owner_;
  std::vector<std::pair<std::string, std::string>> files_;
};

}  // namespace taskqueue::command_line
