// Which handler classes this runner offers, and what serves each.
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
  HandlerDeclaration declaration;                   // with the time limit that holds
  std::optional<platform::CommandHandler> command;  // nothing: a persistent worker runs it
  std::size_t pool = 0;                             // which one
  json::DataSchema dataSchema;
};

class HandlerDirectory {
 public:
  HandlerDirectory(const std::vector<platform::CommandHandler>& commands,
                   std::chrono::seconds defaultTimeLimit);

  // Takes what a persistent worker announced, in the place of what its pool had announced before. A class
  // that is served already stays where it is: commands come first, then the pools in the order in which they
  // spoke. Returns those classes.
  std::vector<std::string> setPoolHandlers(std::size_t pool, const std::string& kind,
                                           const std::vector<HandlerDeclaration>& handlers);
  // Nothing of this pool is served.
  void removePoolHandlers(std::size_t pool);

  // Nothing when the class is not served. What is found stays valid when the directory changes.
  std::shared_ptr<const ServedHandler> find(std::string_view taskHandlerClass) const;
  std::vector<HandlerDeclaration> declarations() const;
  std::vector<std::string> classes() const;

 private:
  struct PoolHandlers {
    std::size_t pool = 0;
    std::vector<HandlerDeclaration> handlers;
  };

  // The classes of this pool that are served by another one.
  std::vector<std::string> rebuild(std::size_t pool);
  bool add(HandlerDeclaration declaration, std::optional<platform::CommandHandler> command, std::size_t pool);

  std::vector<platform::CommandHandler> commands_;
  std::vector<PoolHandlers> poolHandlers_;  // in the order in which they spoke
  std::chrono::seconds defaultTimeLimit_;
  std::map<std::string, std::shared_ptr<const ServedHandler>, std::less<>> served_;
};

}  // namespace taskqueue::runner
