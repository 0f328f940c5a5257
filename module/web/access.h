// Decides which requests are admitted. Access is closed by default: only healthz and readyz answer if no
// secret is configured. Pages also require a user that nginx names, together with nginx's own secret.
#pragma once

#include <optional>
#include <string>

#include "module/platform/configuration.h"
#include "module/web/api_tokens.h"
#include "module/web/request.h"

namespace taskqueue::web {

enum class Access {
  Open,           // healthz, readyz
  Api,            // an API token
  Event,          // the bearer secret of the scheduled-task endpoints
  View,           // a page, for every user that nginx names
  ViewToOperate,  // a page with a form for operators
  // These are forms of our own pages.
  Choose,      // changes the reader's own view; every user
  Operate,     // changes tasks, queues and handlers; operator or admin
  Administer,  // changes limits and runners; admin
};

// Returns whether the route is a form of a page.
bool isForm(Access access);
// Returns whether the role permits this access. Secrets and tokens are checked separately.
bool roleMay(const std::string& role, Access access);

class Authorizer {
 public:
  // Throws platform::ConfigurationError if the file of tokens is invalid.
  explicit Authorizer(const platform::WebConfiguration& configuration);

  // Returns nothing if the caller is admitted, otherwise the reason. Sets request.token for an API token.
  // Reads only the head of the request, so it can be called before the body is read.
  std::optional<Problem> checkCaller(Access access, Request& request) const;
  // Checks the token that a form carries. Returns nothing if it is right.
  std::optional<Problem> checkFormToken(const Request& request, const std::string& formToken) const;

  // Returns the token that a form must carry to prove that it comes from our own page.
  std::string formTokenFor(const std::string& user) const;

 private:
  const platform::WebConfiguration& configuration_;
  ApiTokens tokens_;
  std::string formKey_;
};

}  // namespace taskqueue::web
