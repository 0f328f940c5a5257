// Memory and CPU time that processes have used.
#pragma once

#include <sys/time.h>

#include <cstdint>

namespace taskqueue::runner {

// Returns the resident memory of this process in KiB; 0 when it is unknown.
std::int64_t residentKb();

std::int64_t milliseconds(const timeval& time);

}  // namespace taskqueue::runner
