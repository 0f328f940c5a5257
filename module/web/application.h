// Handles one request: the route table, the authorizer before it, and the only place that turns errors into
// answers. Each thread has its own Application, store and connection.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "module/web/access.h"
#include "module/web/api.h"
#include "module/web/response_cache.h"
#include "module/web/routes.h"

namespace taskqueue::web {

class Application {
 public:
  // All threads share `recent`.
  Application(TaskStore& tasks, AuditLog& audit, Api& api, Pages& pages, const Authorizer& authorizer,
              ResponseCache& recent, const platform::WebConfiguration& configuration);

  Response handle(Request& request);

  // Tests try every route with every kind of access.
  const std::vector<Route>& routes() const { return routes_; }

 private:
  Response dispatch(Request& request);
  std::optional<Problem> admit(const Route& route, Request& request);
  Response refuse(const Request& request, const Problem& problem);

  Answer answerLive(const Route& route, const Request& request);

  TaskStore& tasks_;
  AuditLog& audit_;
  Pages& pages_;
  const Authorizer& authorizer_;
  ResponseCache& responseCache_;
  const std::size_t bodyBytes_;
  std::vector<Route> routes_;
};

}  // namespace taskqueue::web
