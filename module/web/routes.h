// Makes the route table: each address with its method, access and handler. Tests check access for every
// route.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "module/web/access.h"
#include "module/web/api.h"
#include "module/web/pages/pages.h"

namespace taskqueue::web {

struct Route {
  std::string method;
  std::vector<std::string> pattern;  // segments; {Id} matches any segment
  Access access;
  std::function<Answer(const Request&)> handle;
  ApiNeed need{};                                 // requirements for a token if access is Access::Api
  const openapi::Operation* operation = nullptr;  // what the API's document says of it; null: it is a page
  // These say what the handler reads and validates itself. Anything else must be absent from the request.
  bool readsQuery = false;
  bool readsBody = false;  // fields of a form besides its token, or a body of the API
  bool largeBody = false;  // the form may be as large as any body; others are small
};

// Also tells the API its routes.
std::vector<Route> makeRoutes(Api& api, Pages& pages);

}  // namespace taskqueue::web
