#pragma once

#include <cstdint>

namespace taskqueue::runner {

// Resident memory of this process in KiB; 0 when it cannot be told.
std::int64_t residentKb();

}  // namespace taskqueue::runner
