// Decides whether a network address is reachable from the whole internet.
#pragma once

#include <sys/socket.h>

namespace taskqueue::handlers {

// Returns false for addresses of this machine, of private and local networks, and for multicast and reserved
// ones (RFC 6890). IPv6 addresses that wrap such an IPv4 address, and all other families, also return false.
bool isPublicAddress(const sockaddr& address);

}  // namespace taskqueue::handlers
