#include "runner/memory.h"

#include <unistd.h>

#include <fstream>

namespace taskqueue::runner {

std::int64_t residentKb() {
  std::ifstream file("/proc/self/statm");
  std::int64_t size = 0;
  std::int64_t resident = 0;
  file >> size >> resident;
  return resident * (::sysconf(_SC_PAGESIZE) / 1024);
}

}  // namespace taskqueue::runner
