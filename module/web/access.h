// Who may ask for what. Closed by default: without a configured secret, or without a user that nginx vouches
// for with a secret of its own, nothing but healthz and readyz answers.
#pragma once

#include <optional>
#include <string>

#include "module/platform/configuration.h"
#include "module/web/api_tokens.h"
#include "module/web/request.h"

namespace taskqueue::web {

enum class Access {
  Open,           // healthz, readyz
  Api,            // a bearer token of the API
  Event,          // the bearer secret of the scheduled-task endpoints
  View,           // a page: any user that nginx vouches for
  ViewToOperate,  // a page that holds a form for operators
  // Forms of our own pages:
  Choose,      // of the reader's own view: any user
  Operate,     // of tasks, queues and handlers: an operator or admin
  Administer,  // of limits and runners: an admin
};

// Whether it is a form of a page.
bool isForm(Access access);
// Whether a user with this role may do it, given the other proofs.
bool roleMay(const std::string& role, Access access);

class Authorizer {
 public:
  // Throws platform::ConfigurationError when the file of tokens is wrong.
  explicit Authorizer(const platform::WebConfiguration& configuration);

  // Nothing when the caller may pass; otherwise why not. It sets the token of a program. It looks at the
  // request's head alone, so that it can be asked before the body is read.
  std::optional<Problem> checkCaller(Access access, Request& request) const;
  // The same of a form, which carries a token.
  std::optional<Problem> checkFormToken(const Request& request, const std::string& formToken) const;

  // What a form must carry to prove that it is from our own page.
  std::string formTokenFor(const std::string& user) const;

 private:
  const platform::WebConfiguration& configuration_;
  ApiTokens tokens_;
  std::string formKey_;
};

}  // namespace taskqueue::web
