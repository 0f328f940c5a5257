// Examines the head of a FastCGI request: all records up to the end of its parameters.
#pragma once

#include <cstddef>
#include <string_view>

namespace taskqueue::web {

// Larger heads are refused. nginx accepts 32 KiB of client headers by default.
inline constexpr std::size_t kMaxHeadBytes = 64 << 10;

enum class HeadState {
  Incomplete,  // more bytes are needed
  Complete,    // libfcgi can read the head without waiting
  Broken,      // another protocol, an unsupported FastCGI role, or too many bytes
};

// Returns the state of a connection's head. `bytes` are the first bytes of the connection.
HeadState headState(std::string_view bytes);

}  // namespace taskqueue::web
