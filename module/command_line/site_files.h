// The files that connect TaskQueue with a site: written once, for their owner alone, never over what is
// there.
#pragma once

#include <sys/types.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "module/platform/cms_configuration.h"

namespace taskqueue::command_line {

// One line: which file, why it cannot be written, how to mend it.
class SiteFileError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A MariaDB option file with the CMS's account: any characters, in quotes.
std::string optionFileText(const platform::CmsConfiguration& cms);

// A file that is nowhere on a disk and goes with this object; path() can be opened by this process only while
// it lives.
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
    std::string directory;             // exists
    std::optional<std::string> owner;  // a user's name, for root to say; nothing: who runs this
  };

  // Throws SiteFileError when the directory or the owner is none.
  explicit SiteFiles(const Options& options);

  // Adds one; throws SiteFileError when there is a file of this name.
  void add(const std::string& name, const std::string& text);

  // Absolute paths, in the order of adding.
  std::vector<std::string> paths() const;
  std::string pathOf(const std::string& name) const { return directory_ + "/" + name; }

  // Writes them with mode 0600. Throws SiteFileError; what was written before stays.
  void write() const;

 private:
  std::string directory_;
  std::optional<std::pair<uid_t, gid_t>> owner_;
  std::vector<std::pair<std::string, std::string>> files_;
};

}  // namespace taskqueue::command_line
