// Generates unpredictable numbers from the kernel, through OpenSSL. They are drawn in blocks, one for each
// thread. A forked process draws its own. Any thread may call these functions.
#pragma once

#include <string>

namespace taskqueue::platform {

// Returns `bytes` random bytes in lower-case hexadecimal. Throws std::runtime_error if the source fails.
std::string randomHex(int bytes);

// Returns a random number in [0, 1), for jitter.
double randomChance();

}  // namespace taskqueue::platform
