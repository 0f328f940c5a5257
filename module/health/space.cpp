#include "module/health/space.h"

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <set>

namespace taskqueue::health {

std::vector<Space> spacesOn(const std::vector<std::string>& directories) {
  std::vector<Space> spaces;
  std::set<dev_t> seen;
  for (const std::string& directory : directories) {
    struct stat place {};
    struct statvfs disk {};
    if (directory.empty() || ::stat(directory.c_str(), &place) != 0 || !seen.insert(place.st_dev).second)
      continue;
    if (::statvfs(directory.c_str(), &disk) != 0) continue;
    spaces.push_back(
        {directory, static_cast<std::int64_t>(disk.f_bavail) * static_cast<std::int64_t>(disk.f_frsize)});
  }
  return spaces;
}

std::string thisHostName() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

}  // namespace taskqueue::health
