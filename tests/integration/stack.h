// The whole stack, started by nginx/serve in its own home, with functions that use it as its users do.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "module/json/read.h"
#include "module/store/database/connection.h"
#include "tests/support/openapi_checker.h"
#include "tests/support/shell.h"

namespace taskqueue::tests {

// All files of the stack are below this directory.
inline const std::string kHome = "/srv/taskqueue-test";

struct HttpAnswer {
  int status = 0;
  std::string body;
  json::Document json;  // the parsed body; null when it is not JSON
  std::string contentType;
};

using test_support::CommandAnswer;

class Stack {
 public:
  // Starts the stack; throws when that fails. `localSettings` becomes the home's local.ini.
  Stack(const std::string& home, int port, const std::string& localSettings);
  ~Stack();
  Stack(const Stack&) = delete;
  Stack& operator=(const Stack&) = delete;

  std::string setting(const std::string& name) const { return settings_.at(name); }

  // Sends a request with these headers and none of our own.
  HttpAnswer request(const std::string& method, const std::string& path, const std::string& body = "",
                     const std::vector<std::string>& headers = {}) const;
  // Sends the API token; a body is sent as JSON. The test fails if the answer is not as the OpenAPI document
  // says; so does it with event().
  HttpAnswer api(const std::string& method, const std::string& path, const std::string& body = "") const;
  HttpAnswer event(const std::string& name) const;
  // Sends the administrator's password by basic auth.
  HttpAnswer page(const std::string& path) const;
  // Presses a button of the page as a browser does: it submits the form with the token of the page.
  HttpAnswer press(const std::string& path, const std::string& action) const;

  // Enqueues one task and returns its Id; fails the test when it is refused.
  int enqueue(const std::string& taskHandlerClass, const std::string& taskData, int maxRetries = 5) const;
  // Waits for the task's end and returns its LastStatus. The test fails when the limit is exceeded.
  std::string finalStatus(int taskId, std::chrono::seconds limit = std::chrono::seconds(30)) const;
  std::string lastStatus(int taskId) const;
  // Returns the newest run of a task.
  json::Document newestRun(int taskId) const;

  store::Connection& database() { return *database_; }
  std::int64_t count(const std::string& sql);

  // PIDs of the running runners, and of all runners so far.
  std::vector<int> runnerPids() const;
  std::vector<int> allRunnerPids() const;
  // Returns the PID of a program under this home's supervisord.
  int programPid(const std::string& name) const;
  void control(const std::string& command) const;  // runs supervisorctl
  // Runs `taskqueue ARGUMENTS` as the runners' user.
  CommandAnswer commandLine(const std::string& arguments) const;

 private:
  // `options` are for curl.
  HttpAnswer asAdministrator(const std::string& options, const std::string& path) const;
  void checkByDocument(const std::string& method, const std::string& path, const HttpAnswer& answer) const;
  std::vector<int> pidsOfRunners(bool onlyRunning) const;

  std::string home_;
  std::map<std::string, std::string> settings_;
  std::unique_ptr<store::Connection> database_;
  // Of the stack's own document; null until it is first needed. Several threads may use it.
  mutable std::unique_ptr<test_support::OpenApiChecker> openApi_;
  mutable std::mutex openApiMutex_;
};

}  // namespace taskqueue::tests
