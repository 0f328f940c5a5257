#include "module/web/request_head.h"

#include <algorithm>
#include <array>

namespace taskqueue::web {
namespace {

constexpr std::array<std::string_view, 5> kOnlyOnce{
    "TASKQUEUE_SECRET=", "TASKQUEUE_USER=", "TASKQUEUE_ROLE=", "REQUEST_METHOD=", "CONTENT_LENGTH="};

Problem tooMuch(const std::string& detail) {
  return {431, "Request headers too large", detail, {}};
}

}  // namespace

std::optional<Problem> findHeadProblem(const std::vector<std::string_view>& parameters) {
  if (parameters.size() > kMaxHeaders)
    return tooMuch("The request has more than " + std::to_string(kMaxHeaders) + " headers.");
  std::size_t bytes = 0;
  for (const std::string_view parameter : parameters) bytes += parameter.size();
  if (bytes > kMaxHeaderBytes)
    return tooMuch("The request's headers have more than " + std::to_string(kMaxHeaderBytes) + " bytes.");
  for (const std::string_view name : kOnlyOnce) {
    const auto times = std::count_if(parameters.begin(), parameters.end(),
                                     [&](std::string_view one) { return one.starts_with(name); });
    // If the web server sends a parameter twice, neither value can be trusted.
    if (times > 1) {
      return Problem{403,
                     "Forbidden",
                     "The web server says " + std::string(name.substr(0, name.size() - 1)) +
                         " twice: remove one of its fastcgi_param lines.",
                     {}};
    }
  }
  for (const std::string_view parameter : parameters) {
    if (parameter.starts_with("HTTP_COOKIE=") && parameter.size() > kMaxCookieBytes)
      return tooMuch("The cookies have more than " + std::to_string(kMaxCookieBytes) + " bytes.");
  }
  return std::nullopt;
}

}  // namespace taskqueue::web
