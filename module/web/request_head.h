// The parameters of a FastCGI request, checked before anything is made of them.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "module/web/request.h"

namespace taskqueue::web {

inline constexpr std::size_t kMaxHeaders = 200;  // FastCGI parameters, headers of the client among them
inline constexpr std::size_t kMaxHeaderBytes = 48 << 10;  // of all parameters, names and values
inline constexpr std::size_t kMaxCookieBytes = 16 << 10;  // cookies are searched, never taken apart

// Nothing when the head can be used. `parameters` are NAME=VALUE, as the web server sent them.
std::optional<Problem> findHeadProblem(const std::vector<std::string_view>& parameters);

}  // namespace taskqueue::web
