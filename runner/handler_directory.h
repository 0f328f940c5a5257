// Which handler classes this runner offers, and what serves each.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "module/json/task_data.h"
#include "module/platform/configuration.h"
#include "module/queue/runner.h"

namespace taskqueue::runner {

struct ServedHandler {
  HandlerDeclaration declaration;
  std::vector<std::string> command;  // of a command; empty: the kept worker hosts it
  std::chrono::seconds timeLimit;
  json::DataSchema dataSchema;
};

class HandlerDirectory {
 public:
  HandlerDirectory(const std::vector<platform::CommandHandler>& commands,
                   std::chrono::seconds defaultTimeLimit);

  // Adds what a kept worker announced. A class that a command serves already stays with the command.
  void addHosted(const std::vector<HandlerDeclaration>& handlers);

  const ServedHandler* find(std::string_view taskHandlerClass) const;
  std::vector<HandlerDeclaration> declarations() const;
  std::vector<std::string> classes() const;

 private:
  void add(HandlerDeclaration declaration, std::vector<std::string> command);

  std::chrono::seconds defaultTimeLimit_;
  std::map<std::string, ServedHandler, std::less<>> served_;
};

}  // namespace taskqueue::runner
