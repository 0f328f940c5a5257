// The web program without FastCGI and database: it takes requests and returns answers.
#pragma once

#include <memory>
#include <string>

#include "module/web/application.h"
#include "tests/support/fake_store.h"
#include "tests/support/openapi_checker.h"

namespace taskqueue::web::tests {

class WebUnderTest {
 public:
  // `change` sets what differs in the configuration.
  explicit WebUnderTest(const std::function<void(platform::Configuration&)>& change = {});

  // A request that a browser sends from our own page: with user, role and token.
  Request get(const std::string& target, const std::string& role = "admin") const;
  Request post(const std::string& target, const std::string& form = "",
               const std::string& role = "admin") const;
  // A request that a program sends, with the API token.
  Request callApi(const std::string& method, const std::string& target, const std::string& body = "") const;
  // Fails the test if an answer of the API is not as the OpenAPI document says.
  Response answer(Request request);

  // Checks answers against this server's own document.
  test_support::OpenApiChecker& openApi() { return *openApi_; }

  test_support::FakeStore& store() { return store_; }
  const std::vector<Route>& routes() const { return application_->routes(); }
  const Templates& templates() const { return *templates_; }
  platform::Configuration& configuration() { return configuration_; }

 private:
  test_support::FakeStore store_;
  platform::Configuration configuration_;
  LeaseWatch leaseWatch_{std::chrono::seconds(60)};
  std::unique_ptr<Templates> templates_;
  std::unique_ptr<Authorizer> authorizer_;
  std::unique_ptr<TaskQueue> queue_;
  std::unique_ptr<Api> api_;
  std::unique_ptr<Pages> pages_;
  ResponseCache responseCache_;
  std::unique_ptr<Application> application_;
  std::shared_ptr<test_support::OpenApiChecker> openApi_;
};

// Adds a run of `taskQueueId` with this status and these texts.
int addRun(test_support::FakeStore& store, int taskQueueId, RunStatus status, const std::string& text);

// Returns a URL that the route answers.
inline std::string targetOf(const Route& route) {
  std::string target;
  for (const std::string& part : route.pattern)
    target += (target.empty() ? "" : "/") + (part == "{Id}" ? "1" : part == "{Name}" ? "default" : part);
  return target;
}

}  // namespace taskqueue::web::tests
