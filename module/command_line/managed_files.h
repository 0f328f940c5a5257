// The files that `taskqueue attach` makes outside of the configuration's directory, and a list of all files
// that it made. A file that was changed by hand since then is never overwritten or removed.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

namespace taskqueue::command_line {

struct ManagedFile {
  std::string path;
  std::string text;
  bool isSecret = false;  // its text is not shown
  mode_t mode = 0644;
  uid_t owner = 0;
  gid_t group = 0;
};

// The list has a line for each file: the SHA-256 of what attach wrote, two blanks and the path, as sha256sum
// has it.
class ManagedFiles {
 public:
  static constexpr const char* kListPath = "/var/lib/taskqueue/attached";

  // All paths are below `root`, which is empty except for images and tests.
  explicit ManagedFiles(std::string root);

  void add(ManagedFile file) { files_.push_back(std::move(file)); }
  // Adds a file to the list that was written by other means.
  void remember(const std::string& path, const std::string& text);

  // Prints each file with its text, and what happens to it.
  void show() const;
  // Writes what is missing or has an older text of attach, and then the list. Throws SiteFileError.
  void write();

  std::vector<std::string> paths() const;
  bool has(const std::string& path) const { return known_.contains(path); }
  // Removes the files of the list that are as attach wrote them, and the list. Prints each one.
  void removeAll();

 private:
  enum class State { Missing, Same, Older, ChangedByHand };
  State stateOf(const ManagedFile& file) const;
  std::string onDisk(const std::string& path) const { return root_ + path; }
  void writeOne(const ManagedFile& file) const;
  void writeList() const;

  std::string root_;
  std::vector<ManagedFile> files_;
  std::map<std::string, std::string> known_;  // SHA-256 by path
};

}  // namespace taskqueue::command_line
