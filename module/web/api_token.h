// A token of the API: who it is, what it may do, and with which tasks.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace taskqueue::web {

// Each may what those before it may, but that a token for enqueueing reads nothing.
enum class ApiRole {
  Enqueue,  // make tasks, and nothing else
  View,
  Operate,     // tasks, queues, handlers, schedules
  Administer,  // limits and runners
};

std::optional<ApiRole> apiRoleOf(std::string_view word);  // enqueue, viewer, operator, admin

// Which part of the queue a route is about, for tokens that may not touch all of it.
enum class ApiScope {
  Whole,     // the whole queue: closed to such tokens
  NewTasks,  // the tasks of the body
  Task,      // {Id}
  Run,       // {Id}
  List,      // what the query's filter matches
  Queue,     // {Name}
  Handler,   // {Name}
};

// What a route wants of a token. A route that says nothing is for administrators.
struct ApiNeed {
  ApiRole role = ApiRole::Administer;
  ApiScope scope = ApiScope::Whole;
};

struct ApiToken {
  std::string name = "api";  // in the audit
  std::string sha256{};
  ApiRole role = ApiRole::Enqueue;
  std::vector<std::string> queues{};    // of its tasks; empty: any
  std::vector<std::string> handlers{};  // of its tasks; empty: any

  bool may(ApiRole wanted) const;
  bool isScoped() const { return !queues.empty() || !handlers.empty(); }
  bool coversQueue(const std::string& queue) const;
  bool coversHandler(const std::string& taskHandlerClass) const;
};

}  // namespace taskqueue::web
