// The user that a process shall belong to.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace taskqueue::platform {

struct ProcessOwner {
  uid_t user = 0;
  gid_t group = 0;
  std::vector<gid_t> groups;  // all of them, as the system's databases tell
};

// Nothing when there is no such user.
std::optional<ProcessOwner> findProcessOwner(const std::string& name);

}  // namespace taskqueue::platform
