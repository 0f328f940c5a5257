// Makes the OpenAPI document of the routes and their descriptions. Functions below serve the page of the API,
// too.
#pragma once

#include <string>
#include <vector>

#include "module/platform/configuration.h"
#include "module/web/access.h"
#include "module/web/openapi/operation.h"

namespace taskqueue::web::openapi {

struct DescribedRoute {
  std::string method;
  std::vector<std::string> pattern;
  Access access = Access::Api;
  ApiNeed need{};
  const Operation* operation = nullptr;
};

// Returns the path below the base path, such as /api/v1/tasks/{Id}.
std::string pathOf(const DescribedRoute& route);

// Returns the parameters of the path, of the query and of headers.
std::vector<Parameter> parametersOf(const DescribedRoute& route);

// Returns all answers by status: those of the operation, and those that all such routes give.
std::vector<Reply> repliesOf(const DescribedRoute& route);

// Returns the schema of an answer; empty: it has none.
Type typeOf(const Reply& reply);
std::string contentTypeOf(const Reply& reply);

// Says in sentences which secret a request needs, and of which role and scope.
std::string describeNeed(const DescribedRoute& route);

std::string writeDocument(const std::vector<DescribedRoute>& routes,
                          const platform::Configuration& configuration);

}  // namespace taskqueue::web::openapi
