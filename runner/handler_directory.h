// Which handler classes this runner offers, and what serves each.
#pragma once

#include <chrono>
#include <map>
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
  std::optional<platform::CommandHandler> command;  // nothing: a kept worker hosts it
  std::size_t host = 0;                             // which one
  json::DataSchema dataSchema;
};

class HandlerDirectory {
 public:
  HandlerDirectory(const std::vector<platform::CommandHandler>& commands,
                   std::chrono::seconds defaultTimeLimit);

  // Adds what a kept worker announced. A class that is served already stays with whoever serves it: commands
  // first, then the hosts in the order in which they spoke. Returns those classes.
  std::vector<std::string> addHosted(std::size_t host, const std::string& kind,
                                     const std::vector<HandlerDeclaration>& handlers);

  const ServedHandler* find(std::string_view taskHandlerClass) const;
  std::vector<HandlerDeclaration> declarations() const;
  std::vector<std::string> classes() const;

 private:
  bool add(HandlerDeclaration declaration, std::optional<platform::CommandHandler> command, std::size_t host);

  std::chrono::seconds defaultTimeLimit_;
  std::map<std::string, ServedHandler, std::less<>> served_;
};

}  // namespace taskqueue::runner
