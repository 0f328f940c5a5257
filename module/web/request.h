// A request and its answer, apart from FastCGI.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "module/web/api_token.h"

namespace taskqueue::web {

// How the reader of a page wants it.
struct View {
  std::string language = "en";
  std::string theme = "auto";  // auto, light, dark, inportal
  bool themeChosenByAddress = false;
  bool embedded = false;  // in a frame of the CMS: without our own header
  bool live = false;      // only what stands inside <main>, for our own script
};

// What a client did wrong, or what is not there: answered as problem+json, or as a page.
struct Problem {
  int status = 400;
  std::string title;
  std::string detail;
  std::vector<std::pair<std::string, std::string>> errors;  // JSON pointer, how to mend it
};

struct Request {
  std::string method;
  std::vector<std::string> path;  // decoded segments below the base path; "" behind a final '/' is left out
  std::map<std::string, std::string> query;
  std::string addressProblem;  // why the address is refused, in sentences; empty: it can be used
  std::string contentType;
  std::string authorization;  // the header as it came
  std::optional<std::string> idempotencyKey;
  std::string user;               // who asks, as nginx found out; empty: nobody
  std::string role;               // "viewer", "operator", "admin"; given by nginx
  std::optional<ApiToken> token;  // of a program, once it was found to be right
  std::string webServerSecret;    // proves that it is nginx who says so
  std::string host;
  std::string origin;
  std::string fetchSite;         // Sec-Fetch-Site
  std::string fetchDestination;  // Sec-Fetch-Dest
  std::string cookies;
  std::string acceptLanguage;
  std::string ifNoneMatch;
  View view;
  std::optional<Problem> headProblem;  // why the head is refused, whatever is asked for
  std::string body;                    // as far as it was read
  std::int64_t announcedBytes = 0;     // of the whole body
  // Reads on until `body` has this many bytes or nothing more comes. Not set: the body is there already.
  std::function<void(std::string& body, std::size_t bytes)> readOn;
  std::map<std::string, std::vector<std::string>> form;  // the body, of a form
  std::map<std::string, std::string> parameters;         // the named parts of the route that matched
};

struct Response {
  int status = 200;
  std::string contentType = "application/json";
  std::vector<std::pair<std::string, std::string>> headers;  // values without control bytes
  std::string body;
};

// The last that a time from outside may be: the end of the year 9999.
inline constexpr std::int64_t kLastSecond = 253402300799;

std::string_view reasonOf(int status);

// 400: what is wrong with one parameter of the query, such as "must be 1".
Problem badParameter(const std::string& name, const std::string& problem);
Problem unknownParameter(const std::string& name);
// 422: a filter that is given must say something; taken for none, it would let all tasks match.
Problem emptyFilter(const std::string& name);
// 422: the same of one field of a form.
Problem badField(const std::string& name, const std::string& problem);
// The first field that is none of these, or that is given twice; besides them a form has its token.
std::optional<Problem> refuseOtherFields(const Request& request, const std::vector<std::string>& known);

}  // namespace taskqueue::web
