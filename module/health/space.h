// Reads the free space on the disks of this host.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace taskqueue::health {

struct Space {
  std::string directory;  // the first given directory on this disk
  std::int64_t freeBytes = 0;
};

// Returns one entry for each disk that holds these directories. Directories that cannot be read are left out.
std::vector<Space> spacesOn(const std::vector<std::string>& directories);

std::string thisHostName();

}  // namespace taskqueue::health
