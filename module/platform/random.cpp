#include "module/platform/random.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <vector>

#include "module/platform/hex.h"
#include "module/platform/own_process.h"

namespace taskqueue::platform {
namespace {

constexpr std::size_t kRandomBlockBytes = 4096;  // drawn at once: a draw costs system calls

// Random bytes that were drawn and not used. A child process must not use those of its parent.
struct RandomBlock {
  std::array<unsigned char, kRandomBlockBytes> bytes;
  std::size_t used = kRandomBlockBytes;
  unsigned forks = 0;
};

void drawBytes(unsigned char* to, std::size_t bytes) {
  if (RAND_bytes(to, static_cast<int>(bytes)) != 1) throw std::runtime_error("the random source failed");
}

void fill(unsigned char* to, std::size_t bytes) {
  if (bytes > kRandomBlockBytes) return drawBytes(to, bytes);
  thread_local RandomBlock block;
  if (kRandomBlockBytes - block.used < bytes || block.forks != countForks()) {
    drawBytes(block.bytes.data(), kRandomBlockBytes);
    block.used = 0;
    block.forks = countForks();
  }
  std::memcpy(to, block.bytes.data() + block.used, bytes);
  OPENSSL_cleanse(block.bytes.data() + block.used, bytes);  // it may be a secret
  block.used += bytes;
}

}  // namespace

std::string randomHex(int bytes) {
  std::vector<unsigned char> raw(static_cast<std::size_t>(bytes));
  fill(raw.data(), raw.size());
  return toHex(raw.data(), raw.size());
}

double randomChance() {
  std::uint32_t number = 0;
  fill(reinterpret_cast<unsigned char*>(&number), sizeof number);
  return static_cast<double>(number) / 4294967296.0;
}

}  // namespace taskqueue::platform
