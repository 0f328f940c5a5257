// Checks the parameters of a FastCGI request before they are used.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "module/web/request.h"

namespace taskqueue::web {

// Limits the FastCGI parameters, which include the client's headers.
inline constexpr std::size_t kMaxHeaders = 200;
inline constexpr std::size_t kMaxHeaderBytes = 48 << 10;  // most bytes of all names and values
// Limits the bytes of the cookies, which are searched but not parsed.
inline constexpr std::size_t kMaxCookieBytes = 16 << 10;

// Returns nothing if the head is valid. `parameters` are NAME=VALUE, as the web server sent them.
std::optional<Problem> findHeadProblem(const std::vector<std::string_view>& parameters);

}  // namespace taskqueue::web
