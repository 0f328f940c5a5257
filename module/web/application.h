// One request in, one answer out: the route table, the gate before it, and the one place where errors become
// answers. Belongs to one thread; each has its own store and connection.
#pragma once

#include <functional>
#include <memory>
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
};

class Application {
 public:
  Application(Api& api, Pages& pages, const Gate& gate);

  Response handle(Request& request);

  // For the tests that try every route with every kind of access.
  const std::vector<Route>& routes() const { return routes_; }

 private:
  Response dispatch(Request& request);
  Response refuse(const Request& request, const Problem& problem);

  Api& api_;
  Pages& pages_;
  const Gate& gate_;
  std::vector<Route> routes_;
};

}  // namespace taskqueue::web
