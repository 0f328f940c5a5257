// Which network addresses anybody on the internet could reach.
#pragma once

#include <sys/socket.h>

namespace taskqueue::handlers {

// False for addresses of this machine, of private and local networks, multicast, and what is reserved (RFC
// 6890), also where IPv6 wraps an IPv4 address; and for every family but IPv4 and IPv6.
bool isPublicAddress(const sockaddr& address);

}  // namespace taskqueue::handlers
