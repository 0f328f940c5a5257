#include "module/web/access.h"

#include <algorithm>
#include <cctype>

#include "module/platform/secret.h"

namespace taskqueue::web {
namespace {

constexpr std::string_view kBearer = "bearer";
constexpr const char* kUnprovenServer =
    "The web server sent no valid secret: nginx must send the secret of web.nginx_secret_sha256 as "
    "TASKQUEUE_SECRET.";
constexpr const char* kForeignForm =
    "The form does not come from this site, or is out of date: reload the page.";

Problem unauthorized(const std::string& detail) {
  return {401, "Not authorised", detail, {}};
}
Problem forbidden(const std::string& detail) {
  return {403, "Forbidden", detail, {}};
}

// Returns SECRET of "Bearer SECRET". The scheme may have any case, and one or more blanks may follow it (RFC
// 9110, 11.1 and 11.4).
std::optional<std::string_view> bearerSecret(std::string_view header) {
  const std::string_view scheme = header.substr(0, kBearer.size());
  const bool isBearer = std::equal(scheme.begin(), scheme.end(), kBearer.begin(), kBearer.end(),
                                   [](unsigned char a, char b) { return std::tolower(a) == b; });
  const auto secret = header.find_first_not_of(' ', kBearer.size());
  if (!isBearer || secret == std::string_view::npos || secret == kBearer.size()) return std::nullopt;
  return header.substr(secret);
}

std::optional<Problem> checkEventSecret(const Request& request, const std::vector<std::string>& hashes) {
  const auto secret = bearerSecret(request.authorization);
  if (!secret) return unauthorized("Send 'Authorization: Bearer …' with the event secret.");
  if (!platform::matchesAnyHash(*secret, hashes)) return unauthorized("This is not the event secret.");
  return std::nullopt;
}

std::optional<Problem> findToken(Request& request, const ApiTokens& tokens) {
  const auto secret = bearerSecret(request.authorization);
  if (!secret) return unauthorized("Send 'Authorization: Bearer …' with the API token.");
  request.token = tokens.find(*secret);
  if (!request.token) return unauthorized("This is not the API token.");
  return std::nullopt;
}

// A form needs two proofs: these headers of the browser, and the token in its body.
bool isFromOwnPage(const Request& request) {
  if (!request.fetchSite.empty()) return request.fetchSite == "same-origin";
  return request.origin == "http://" + request.host || request.origin == "https://" + request.host;
}

}  // namespace

bool isForm(Access access) {
  return access == Access::Choose || access == Access::Operate || access == Access::Administer;
}

bool roleMay(const std::string& role, Access access) {
  const bool isAdmin = role == "admin";
  const bool isOperator = isAdmin || role == "operator";
  switch (access) {
    case Access::Open:
      return true;
    case Access::Api:
    case Access::Event:
      return false;
    case Access::View:
    case Access::Choose:
      return isOperator || role == "viewer";
    case Access::ViewToOperate:
    case Access::Operate:
      return isOperator;
    case Access::Administer:
      return isAdmin;
  }
  return false;
}

const char* roleNeeded(Access access) {
  if (roleMay("viewer", access)) return "This needs the role viewer.";
  if (roleMay("operator", access)) return "This needs the role operator.";
  return "This needs the role admin.";
}

Authorizer::Authorizer(const platform::WebConfiguration& configuration)
    : configuration_(configuration), tokens_(configuration), formKey_("forms") {
  for (const auto& hash : configuration.apiTokenSha256) formKey_ += hash;
  for (const auto& hash : configuration.eventSecretSha256) formKey_ += hash;
  for (const auto& hash : configuration.nginxSecretSha256) formKey_ += hash;
}

std::string Authorizer::formTokenFor(const std::string& user) const {
  return platform::hmacSha256Hex(formKey_, user);
}

std::optional<Problem> Authorizer::checkCaller(Access access, Request& request) const {
  switch (access) {
    case Access::Open:
      return std::nullopt;
    case Access::Api:
      return findToken(request, tokens_);
    case Access::Event:
      return checkEventSecret(request, configuration_.eventSecretSha256);
    case Access::View:
    case Access::ViewToOperate:
    case Access::Choose:
    case Access::Operate:
    case Access::Administer:
      if (!platform::matchesAnyHash(request.webServerSecret, configuration_.nginxSecretSha256))
        return forbidden(kUnprovenServer);
      if (request.user.empty()) return forbidden("The web server sent no user name, so access is denied.");
      if (!roleMay(request.role, access)) return forbidden(roleNeeded(access));
      if (isForm(access) && !isFromOwnPage(request)) return forbidden(kForeignForm);
      return std::nullopt;
  }
  return forbidden("");
}

std::optional<Problem> Authorizer::checkFormToken(const Request& request,
                                                  const std::string& formToken) const {
  if (platform::sameSecret(formToken, formTokenFor(request.user))) return std::nullopt;
  return forbidden(kForeignForm);
}

}  // namespace taskqueue::web
