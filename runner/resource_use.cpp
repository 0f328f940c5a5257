#include "runner/resource_use.h"

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

std::int64_t milliseconds(const timeval& time) {
  return time.tv_sec * 1000LL + time.tv_usec / 1000;
}

}  // namespace taskqueue::runner
