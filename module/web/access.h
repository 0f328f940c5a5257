// Who may ask for what. Closed by default: without a configured secret, or without a user that nginx vouches
// for, nothing but healthz and readyz answers.
#pragma once

#include <optional>
#include <string>

#include "module/platform/configuration.h"
#include "module/web/request.h"

namespace taskqueue::web {

enum class Access {
  Open,    // healthz, readyz
  Api,     // a bearer token of the API
  Event,   // the bearer secret of the scheduled-task endpoints
  View,    // a page: any user that nginx vouches for
  Change,  // a form of a page: an operator or admin, from our own page
};

class Gate {
 public:
  explicit Gate(const platform::WebConfiguration& configuration);

  // Nothing when the request may pass; otherwise why not.
  std::optional<Problem> check(Access access, const Request& request, const std::string& formToken) const;

  // What a form must carry to prove that it is from our own page.
  std::string formTokenFor(const std::string& user) const;

 private:
  const platform::WebConfiguration& configuration_;
  std::string formKey_;
};

}  // namespace taskqueue::web
