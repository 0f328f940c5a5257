// An API token has a name, a role and a scope.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace taskqueue::web {

// Operate includes Enqueue and View. Administer includes all others. A View token cannot enqueue.
enum class ApiRole {
  Enqueue,  // make tasks
  View,
  Operate,     // change tasks, queues, handlers and schedules
  Administer,  // change limits and runners
};

std::optional<ApiRole> apiRoleOf(std::string_view word);  // enqueue, viewer, operator, admin
const char* toString(ApiRole role);

// Names the subject of a route. It decides whether a token with a limited scope may use the route.
enum class ApiScope {
  Nothing,   // nothing of the queue; tokens of every scope may use the route
  Whole,     // the whole queue; such tokens are refused
  NewTasks,  // the tasks in the body
  Task,      // {Id}
  Run,       // {Id}
  List,      // the tasks that match the query's filter
  Queue,     // {Name}
  Handler,   // {Name}
};

// Says which role and scope a route requires of a token. By default only administrators may use it. Without a
// role, every token may.
struct ApiNeed {
  std::optional<ApiRole> role = ApiRole::Administer;
  ApiScope scope = ApiScope::Whole;
};

struct ApiToken {
  std::string name = "api";  // the name in the audit record
  std::string sha256{};
  ApiRole role = ApiRole::Enqueue;
  std::vector<std::string> queues{};    // queues whose tasks it may use; empty: all
  std::vector<std::string> handlers{};  // handlers whose tasks it may use; empty: all

  bool may(ApiRole wanted) const;
  bool isScoped() const { return !queues.empty() || !handlers.empty(); }
  bool coversQueue(const std::string& queue) const;
  bool coversHandler(const std::string& taskHandlerClass) const;
};

}  // namespace taskqueue::web
