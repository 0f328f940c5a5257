#include "module/web/request.h"

#include <algorithm>

#include "module/queue/utf8_text.h"

namespace taskqueue::web {
namespace {

constexpr const char* kFormToken = "form_token";

std::string shown(const std::string& name) {
  return name.empty() ? "without a name" : std::string(cutAtCharacter(name, kQuotedBytes));
}

}  // namespace

std::string_view reasonOf(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 431:
      return "Request Header Fields Too Large";
    case 415:
      return "Unsupported Media Type";
    case 422:
      return "Unprocessable Content";
    case 507:
      return "Insufficient Storage";
    case 503:
      return "Service Unavailable";
    default:
      return "Internal Server Error";
  }
}

Problem badParameter(const std::string& name, const std::string& problem) {
  return {400,
          "Bad query",
          "The query parameter " + shown(name) + " " + problem + ".",
          {{"?" + shown(name), problem}}};
}

Problem unknownParameter(const std::string& name) {
  return badParameter(name, "is not known at this address");
}

Problem emptyFilter(const std::string& name) {
  Problem problem = badParameter(name, "must not be empty: give it a value, or leave it out");
  problem.status = 422;
  return problem;
}

Problem badField(const std::string& name, const std::string& problem) {
  return {422, "Bad form", "The field " + shown(name) + " " + problem + ".", {}};
}

std::optional<Problem> refuseOtherFields(const Request& request, const std::vector<std::string>& known) {
  for (const auto& [name, values] : request.form) {
    const bool isKnown = name == kFormToken || std::find(known.begin(), known.end(), name) != known.end();
    if (!isKnown || hasControlBytes(name)) return badField(hasControlBytes(name) ? "" : name, "is not known");
    if (values.size() > 1) return badField(name, "is given twice");
  }
  return std::nullopt;
}

}  // namespace taskqueue::web
