// Defines a request and its answer, independent of FastCGI.
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

// Holds the reader's choices for a page.
struct View {
  std::string language = "en";
  std::string theme = "auto";  // auto, light, dark, inportal
  bool themeChosenByAddress = false;
  bool embedded = false;  // in a frame of the CMS, without our own header
  bool live = false;      // only the content of <main>, for our script
};

// Describes an error of the client, or something that does not exist. It is answered as problem+json or as a
// page.
struct Problem {
  int status = 400;
  std::string title;
  std::string detail;
  std::vector<std::pair<std::string, std::string>> errors;  // JSON pointer and how to mend it
};

struct Request {
  std::string method;
  // These are the decoded segments below the base path, without the empty one after a final '/'.
  std::vector<std::string> path;
  std::map<std::string, std::string> query;
  std::string addressProblem;  // why the address is refused, as sentences; empty: it is valid
  std::string contentType;
  std::string authorization;  // the raw header
  std::optional<std::string> idempotencyKey;
  std::string user;               // the user that nginx names; empty: none
  std::string role;               // "viewer", "operator" or "admin"; nginx sets it
  std::optional<ApiToken> token;  // the API token, after it was found valid
  std::string webServerSecret;    // proves that nginx set `user` and `role`
  std::string host;
  std::string origin;
  std::string fetchSite;         // Sec-Fetch-Site
  std::string fetchDestination;  // Sec-Fetch-Dest
  std::string cookies;
  std::string acceptLanguage;
  std::string ifNoneMatch;
  View view;
  std::optional<Problem> headProblem;  // why the head is refused, for every address
  std::string body;                    // the part that was read so far
  std::int64_t announcedBytes = 0;     // size of the whole body
  // Reads until `body` has this many bytes or the client sends no more. Not set: the whole body was read.
  std::function<void(std::string& body, std::size_t bytes)> readOn;
  std::map<std::string, std::vector<std::string>> form;  // the fields of a form
  std::map<std::string, std::string> parameters;         // the named segments of the matched route
};

struct Response {
  int status = 200;
  std::string contentType = "application/json";
  std::vector<std::pair<std::string, std::string>> headers;  // values without control bytes
  std::string body;
};

// Times from outside may not be later than the end of the year 9999.
inline constexpr std::int64_t kLastSecond = 253402300799;

std::string_view reasonOf(int status);

// Returns a problem of one query parameter, such as "must be 1", with status 400.
Problem badParameter(const std::string& name, const std::string& problem);
Problem unknownParameter(const std::string& name);
// Refuses an empty filter, with status 422. Taken as no filter, it would match all tasks.
Problem emptyFilter(const std::string& name);
// Returns a problem of one form field, with status 422.
Problem badField(const std::string& name, const std::string& problem);
// Refuses the first field that is unknown or given twice. The form's token is always allowed.
std::optional<Problem> refuseOtherFields(const Request& request, const std::vector<std::string>& known);

}  // namespace taskqueue::web
