// Unpredictable numbers from the kernel, through OpenSSL.
#pragma once

#include <string>

namespace taskqueue::platform {

// `bytes` random bytes in lower-case hexadecimal. Throws std::runtime_error when the source fails.
std::string randomHex(int bytes);

// A random number in [0, 1), for jitter.
double randomChance();

}  // namespace taskqueue::platform
