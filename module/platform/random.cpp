#include "module/platform/random.h"

#include <openssl/rand.h>

#include <cstdint>
#include <stdexcept>
#include <vector>

#include "module/platform/hex.h"

namespace taskqueue::platform {
namespace {

void fill(unsigned char* to, int bytes) {
  if (RAND_bytes(to, bytes) != 1) throw std::runtime_error("the random source failed");
}

}  // namespace

std::string randomHex(int bytes) {
  std::vector<unsigned char> raw(static_cast<std::size_t>(bytes));
  fill(raw.data(), bytes);
  return toHex(raw.data(), raw.size());
}

double randomChance() {
  std::uint32_t number = 0;
  fill(reinterpret_cast<unsigned char*>(&number), sizeof number);
  return static_cast<double>(number) / 4294967296.0;
}

}  // namespace taskqueue::platform
