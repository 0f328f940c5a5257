// The route table: every address with its method, who may ask, and what answers. The tests of access go
// through it.
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
  std::vector<std::string> pattern;  // segments; {Id} stands for any one
  Access access;
  std::function<Answer(const Request&)> handle;
  ApiNeed need{};  // of a token, where access is Access::Api
  // What it looks at by itself, and refuses where it is not known. At all others there must be nothing.
  bool readsQuery = false;
  bool readsBody = false;  // a form's fields besides its token; a body of the API
  bool largeBody = false;  // a form as large as any request may be; others are small
};

std::vector<Route> makeRoutes(Api& api, Pages& pages);

}  // namespace taskqueue::web
