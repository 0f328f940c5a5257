#include "module/queue/content_version.h"

#include <cstdint>
#include <cstdio>

namespace taskqueue {

// FNV-1a with 64 bits. Each text is followed by its size, so that no two lists run together.
std::string contentVersion(std::initializer_list<std::string_view> texts) {
  constexpr std::uint64_t kPrime = 1099511628211U;
  std::uint64_t hash = 14695981039346656037U;
  const auto take = [&](std::string_view bytes) {
    for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * kPrime;
  };
  for (const std::string_view text : texts) {
    take(text);
    take("/" + std::to_string(text.size()) + ";");
  }
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(hash));
  return digits;
}

}  // namespace taskqueue
