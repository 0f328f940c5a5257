#include "runner/handlers/notify/public_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace taskqueue::handlers {
namespace {

struct Network {
  std::uint32_t address;
  int bits;
};

constexpr std::uint32_t ipv4(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  return a << 24 | b << 16 | c << 8 | d;
}

constexpr std::array kNotPublic{
    Network{ipv4(0, 0, 0, 0), 8},     Network{ipv4(10, 0, 0, 0), 8},      Network{ipv4(100, 64, 0, 0), 10},
    Network{ipv4(127, 0, 0, 0), 8},   Network{ipv4(169, 254, 0, 0), 16},  Network{ipv4(172, 16, 0, 0), 12},
    Network{ipv4(192, 0, 0, 0), 24},  Network{ipv4(192, 0, 2, 0), 24},    Network{ipv4(192, 168, 0, 0), 16},
    Network{ipv4(198, 18, 0, 0), 15}, Network{ipv4(198, 51, 100, 0), 24}, Network{ipv4(203, 0, 113, 0), 24},
    Network{ipv4(224, 0, 0, 0), 3},  // multicast, reserved, broadcast
};

bool isPublicIpv4(std::uint32_t address) {
  return std::none_of(kNotPublic.begin(), kNotPublic.end(), [&](const Network& network) {
    return (address ^ network.address) >> (32 - network.bits) == 0;
  });
}

bool isPublicIpv6(const in6_addr& address) {
  const auto* bytes = address.s6_addr;
  // Only 2000::/3 is allocated. Within it 2002::/16 wraps IPv4, and 2001::/23 and 2001:db8::/32 contain no
  // hosts.
  if (bytes[0] >> 5 != 1) return false;
  if (bytes[0] == 0x20 && bytes[1] == 0x02) return false;
  if (bytes[0] == 0x20 && bytes[1] == 0x01 && bytes[2] <= 1) return false;
  return !(bytes[0] == 0x20 && bytes[1] == 0x01 && bytes[2] == 0x0d && bytes[3] == 0xb8);
}

}  // namespace

bool isPublicAddress(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in ip{};
    std::memcpy(&ip, &address, sizeof ip);
    return isPublicIpv4(ntohl(ip.sin_addr.s_addr));
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 ip{};
    std::memcpy(&ip, &address, sizeof ip);
    return isPublicIpv6(ip.sin6_addr);
  }
  return false;
}

}  // namespace taskqueue::handlers
