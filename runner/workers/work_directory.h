// A directory of its own for one command, gone with its run.
#pragma once

#include <optional>
#include <string>

#include "module/platform/descriptor.h"
#include "module/platform/process_owner.h"

namespace taskqueue::runner {

class WorkDirectory {
 public:
  // Makes `base`/`name`, for its owner only. Throws LaunchError.
  WorkDirectory(const std::string& base, const std::string& name,
                const std::optional<platform::ProcessOwner>& owner);
  // Removes it with all that is in it, also what its owner has made inaccessible. That takes long when there
  // is much in it.
  ~WorkDirectory();
  WorkDirectory(const WorkDirectory&) = delete;
  WorkDirectory& operator=(const WorkDirectory&) = delete;

  const std::string& path() const { return path_; }

  // Removes what runners that are gone have left below `base`. Touches nothing whose name is not
  // PID-NUMBER.
  static void sweep(const std::string& base);

 private:
  [[noreturn]] void fail() const;  // errno says why

  platform::Descriptor base_;
  std::string name_;
  std::string path_;
};

}  // namespace taskqueue::runner
