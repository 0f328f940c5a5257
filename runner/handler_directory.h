// The handler classes that this runner offers, and the command or worker pool that serves each.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "module/json/task_data.h"
#include "module/platform/configuration.h"
#include "module/queue/runner.h"

namespace taskqueue::runner {

struct ServedHandler {
  HandlerDeclaration declaration;                   // its time limit has the default filled in
  std::optional<platform::CommandHandler> command;  // absent: a persistent worker runs it
  std::size_t pool = 0;                             // the pool of that worker
  json::DataSchema dataSchema;
};

class HandlerDirectory {
 public:
  HandlerDirectory(const std::vector<platform::CommandHandler>& commands,
                   std::chrono::seconds defaultTimeLimit);

  // Replaces the handlers of a pool by what its worker announced. A class that is already served keeps its
  // server: commands come first, then pools in the order of their first announcement. Returns the classes
  // that were refused for this reason.
  std::vector<std::string> setPoolHandlers(std::size_t pool, const std::string& kind,
                                           const std::vector<HandlerDeclaration>& handlers);
  // Removes all handlers of this pool.
  void removePoolHandlers(std::size_t pool);

  // Returns nullptr when the class is not served. The result stays valid when the directory changes.
  std::shared_ptr<const ServedHandler> find(std::string_view taskHandlerClass) const;
  std::vector<HandlerDeclaration> declarations() const;
  std::vector<std::string> classes() const;

 private:
  struct PoolHandlers {
    std::size_t pool = 0;
    std::vector<HandlerDeclaration> handlers;
  };

  // Rebuilds `served_`. Returns the classes of this pool that something else serves.
  std::vector<std::string> rebuild(std::size_t pool);
  bool add(HandlerDeclaration declaration, std::optional<platform::CommandHandler> command, std::size_t pool);

  std::vector<platform::CommandHandler> commands_;
  std::vector<PoolHandlers> poolHandlers_;  // in the order of their first announcement
  std::chrono::seconds defaultTimeLimit_;
  std::map<std::string, std::shared_ptr<const ServedHandler>, std::less<>> served_;
};

}  // namespace taskqueue::runner
