// The user that a process runs as.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace taskqueue::platform {

struct ProcessOwner {
  uid_t user = 0;
  gid_t group = 0;
  std::vector<gid_t> groups;  // all groups in the system's databases
};

// Returns nothing if there is no such user.
std::optional<ProcessOwner> findProcessOwner(const std::string& name);

}  // namespace taskqueue::platform
