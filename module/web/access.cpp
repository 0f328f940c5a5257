#include "module/web/access.h"

#include <algorithm>
#include <cctype>

#include "module/platform/secret.h"

namespace taskqueue::web {
namespace {

constexpr std::string_view kBearer = "bearer";

Problem unauthorized(const std::string& detail) {
  return {401, "Not authorised", detail, {}};
}
Problem forbidden(const std::string& detail) {
  return {403, "Forbidden", detail, {}};
}

// The secret of "Bearer SECRET": the scheme in any case, and one blank or more (RFC 9110, 11.1 and 11.4).
std::optional<std::string_view> bearerSecret(std::string_view header) {
  const std::string_view scheme = header.substr(0, kBearer.size());
  const bool isBearer = std::equal(scheme.begin(), scheme.end(), kBearer.begin(), kBearer.end(),
                                   [](unsigned char a, char b) { return std::tolower(a) == b; });
  const auto secret = header.find_first_not_of(' ', kBearer.size());
  if (!isBearer || secret == std::string_view::npos || secret == kBearer.size()) return std::nullopt;
  return header.substr(secret);
}

std::optional<Problem> checkBearer(const Request& request, const std::vector<std::string>& hashes,
                                   const std::string& what) {
  const auto secret = bearerSecret(request.authorization);
  if (!secret) return unauthorized("Send 'Authorization: Bearer …' with " + what + ".");
  if (!platform::matchesAnyHash(*secret, hashes)) return unauthorized("This is not " + what + ".");
  return std::nullopt;
}

// Both proofs are wanted: the browser's word on where the form came from, and the token in it.
bool isFromOwnPage(const Request& request) {
  if (!request.fetchSite.empty()) return request.fetchSite == "same-origin";
  return request.origin == "http://" + request.host || request.origin == "https://" + request.host;
}

}  // namespace

bool isForm(Access access) {
  return access == Access::Choose || access == Access::Operate || access == Access::Administer;
}

bool roleMay(const std::string& role, Access access) {
  if (access == Access::Administer) return role == "admin";
  if (access == Access::Operate) return role == "admin" || role == "operator";
  return role == "admin" || role == "operator" || role == "viewer";
}

Gate::Gate(const platform::WebConfiguration& configuration)
    : configuration_(configuration), formKey_("forms") {
  for (const auto& hash : configuration.apiTokenSha256) formKey_ += hash;
  for (const auto& hash : configuration.eventSecretSha256) formKey_ += hash;
}

std::string Gate::formTokenFor(const std::string& user) const {
  return platform::hmacSha256Hex(formKey_, user);
}

std::optional<Problem> Gate::check(Access access, const Request& request,
                                   const std::string& formToken) const {
  switch (access) {
    case Access::Open:
      return std::nullopt;
    case Access::Api:
      return checkBearer(request, configuration_.apiTokenSha256, "the API token");
    case Access::Event:
      return checkBearer(request, configuration_.eventSecretSha256, "the event secret");
    case Access::View:
      if (request.user.empty()) return forbidden("The web server names no user: these pages are closed.");
      return std::nullopt;
    case Access::ViewToOperate:
      if (request.user.empty()) return forbidden("The web server names no user: these pages are closed.");
      if (!roleMay(request.role, Access::Operate)) return forbidden("Your role may not do this.");
      return std::nullopt;
    case Access::Choose:
    case Access::Operate:
    case Access::Administer:
      if (request.user.empty()) return forbidden("The web server names no user: these pages are closed.");
      if (!roleMay(request.role, access)) return forbidden("Your role may not do this.");
      if (!isFromOwnPage(request) || !platform::sameSecret(formToken, formTokenFor(request.user))) {
        return forbidden("The form is not from this site's own page: open the page again.");
      }
      return std::nullopt;
  }
  return forbidden("");
}

}  // namespace taskqueue::web
