// The head of a FastCGI request: all records up to the end of its parameters.
#pragma once

#include <cstddef>
#include <string_view>

namespace taskqueue::web {

// A larger head is refused. nginx takes 32 KiB of a client's headers unless its configuration says otherwise.
inline constexpr std::size_t kMaxHeadBytes = 64 << 10;

enum class HeadState {
  Incomplete,  // more bytes are needed
  Complete,    // libfcgi can read the head without waiting
  Broken,      // no client of ours sends this: another protocol, another role of FastCGI, or too many bytes
};

// `bytes` are the first ones of a connection.
HeadState headState(std::string_view bytes);

}  // namespace taskqueue::web
