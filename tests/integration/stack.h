// The whole stack, brought up by nginx/serve in a home of its own, and ways to use it as its users do.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "module/json/read.h"
#include "module/store/connection.h"
#include "tests/support/shell.h"

namespace taskqueue::tests {

// Everything of the stack stands below this directory.
inline const std::string kHome = "/srv/taskqueue-test";

struct HttpAnswer {
  int status = 0;
  std::string body;
  json::Document json;  // of the body; null when it is not JSON
};

using test_support::CommandAnswer;

class Stack {
 public:
  // Brings it up; throws when that fails. `localSettings` becomes the home's local.ini.
  Stack(const std::string& home, int port, const std::string& localSettings);
  ~Stack();
  Stack(const Stack&) = delete;
  Stack& operator=(const Stack&) = delete;

  std::string setting(const std::string& name) const { return settings_.at(name); }

  // A request with these headers and no others of ours.
  HttpAnswer request(const std::string& method, const std::string& path, const std::string& body = "",
                     const std::vector<std::string>& headers = {}) const;
  // With the API token; a body is sent as JSON.
  HttpAnswer api(const std::string& method, const std::string& path, const std::string& body = "") const;
  HttpAnswer event(const std::string& name) const;
  // As the administrator, through basic auth.
  HttpAnswer page(const std::string& path) const;
  // Presses a button of the page as a browser does: its form, with the token that the page carries.
  HttpAnswer press(const std::string& path, const std::string& action) const;

  // Enqueues one task and returns its Id; fails the test when it is refused.
  int enqueue(const std::string& taskHandlerClass, const std::string& taskData, int maxRetries = 5) const;
  // The task's LastStatus once it has ended; fails the test when it does not within the limit.
  std::string finalStatus(int taskId, std::chrono::seconds limit = std::chrono::seconds(30)) const;
  std::string lastStatus(int taskId) const;
  // The newest run of a task.
  json::Document newestRun(int taskId) const;

  store::Connection& database() { return *database_; }
  std::int64_t count(const std::string& sql);

  // PIDs of the running runners, and of all that there ever were.
  std::vector<int> runnerPids() const;
  std::vector<int> allRunnerPids() const;
  // PID of a program of this home's supervisord.
  int programPid(const std::string& name) const;
  void control(const std::string& command) const;  // supervisorctl
  // `taskqueue ARGUMENTS`, as the user of the runners.
  CommandAnswer commandLine(const std::string& arguments) const;

 private:
  HttpAnswer asAdministrator(const std::string& options, const std::string& path) const;  // of curl
  std::vector<int> pidsOfRunners(bool onlyRunning) const;

  std::string home_;
  std::map<std::string, std::string> settings_;
  std::unique_ptr<store::Connection> database_;
};

}  // namespace taskqueue::tests
