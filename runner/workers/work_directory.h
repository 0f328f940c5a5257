// The working directory of one command. It is removed after the command's run.
#pragma once

#include <optional>
#include <string>

#include "module/platform/descriptor.h"
#include "module/platform/process_owner.h"

namespace taskqueue::runner {

class WorkDirectory {
 public:
  // Makes `base`/`name`, which only its owner can access. Throws LaunchError.
  WorkDirectory(const std::string& base, const std::string& name,
                const std::optional<platform::ProcessOwner>& owner);
  // Removes the directory and its content, even parts that its owner made inaccessible. This may take long.
  ~WorkDirectory();
  WorkDirectory(const WorkDirectory&) = delete;
  WorkDirectory& operator=(const WorkDirectory&) = delete;

  const std::string& path() const { return path_; }

  // Removes the directories that ended runners left below `base`. Entries whose name is not PID-NUMBER are
  // left alone.
  static void sweep(const std::string& base);

 private:
  [[noreturn]] void fail() const;  // errno says why

  platform::Descriptor base_;
  std::string name_;
  std::string path_;
};

}  // namespace taskqueue::runner
