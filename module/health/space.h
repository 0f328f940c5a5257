// How much room is left on the disks of this host.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace taskqueue::health {

struct Space {
  std::string directory;  // the first of those on this disk
  std::int64_t freeBytes = 0;
};

// One for each disk that these directories are on; one that cannot be seen is left out.
std::vector<Space> spacesOn(const std::vector<std::string>& directories);

std::string nameOfThisHost();

}  // namespace taskqueue::health
