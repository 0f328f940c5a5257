#include "module/platform/process_owner.h"

#include <grp.h>
#include <pwd.h>

#include <array>

namespace taskqueue::platform {

std::optional<ProcessOwner> findProcessOwner(const std::string& name) {
  std::array<char, 16384> room{};
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwnam_r(name.c_str(), &entry, room.data(), room.size(), &found) != 0 || found == nullptr) {
    return std::nullopt;
  }
  ProcessOwner owner{.user = entry.pw_uid, .group = entry.pw_gid, .groups = std::vector<gid_t>(256)};
  int count = static_cast<int>(owner.groups.size());
  if (::getgrouplist(name.c_str(), entry.pw_gid, owner.groups.data(), &count) < 0) return std::nullopt;
  owner.groups.resize(static_cast<std::size_t>(count));
  return owner;
}

}  // namespace taskqueue::platform
