// What processes have used of memory and processors.
#pragma once

#include <sys/time.h>

#include <cstdint>

namespace taskqueue::runner {

// Resident memory of this process in KiB; 0 when it cannot be told.
std::int64_t residentKb();

std::int64_t milliseconds(const timeval& time);

}  // namespace taskqueue::runner
