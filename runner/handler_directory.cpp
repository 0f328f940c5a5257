#include "runner/handler_directory.h"

namespace taskqueue::runner {

HandlerDirectory::HandlerDirectory(const std::vector<platform::CommandHandler>& commands,
                                   std::chrono::seconds defaultTimeLimit)
    : defaultTimeLimit_(defaultTimeLimit) {
  for (const platform::CommandHandler& command : commands) {
    HandlerDeclaration declaration;
    declaration.taskHandlerClass = command.taskHandlerClass;
    declaration.kind = "command";
    declaration.dataSchema = command.dataSchema;
    declaration.settings = command.settings;
    add(std::move(declaration), command, 0);
  }
}

std::vector<std::string> HandlerDirectory::addHosted(std::size_t host, const std::string& kind,
                                                     const std::vector<HandlerDeclaration>& handlers) {
  std::vector<std::string> taken;
  for (HandlerDeclaration declaration : handlers) {
    declaration.kind = kind;
    std::string name = declaration.taskHandlerClass;
    if (!add(std::move(declaration), std::nullopt, host)) taken.push_back(std::move(name));
  }
  return taken;
}

bool HandlerDirectory::add(HandlerDeclaration declaration, std::optional<platform::CommandHandler> command,
                           std::size_t host) {
  if (declaration.settings.timeLimitSeconds <= 0) {
    declaration.settings.timeLimitSeconds = static_cast<int>(defaultTimeLimit_.count());
  }
  const std::string name = declaration.taskHandlerClass;
  json::DataSchema schema(declaration.dataSchema);
  return served_
      .emplace(name, ServedHandler{std::move(declaration), std::move(command), host, std::move(schema)})
      .second;
}

const ServedHandler* HandlerDirectory::find(std::string_view taskHandlerClass) const {
  const auto found = served_.find(taskHandlerClass);
  return found == served_.end() ? nullptr : &found->second;
}

std::vector<HandlerDeclaration> HandlerDirectory::declarations() const {
  std::vector<HandlerDeclaration> list;
  for (const auto& [name, served] : served_) list.push_back(served.declaration);
  return list;
}

std::vector<std::string> HandlerDirectory::classes() const {
  std::vector<std::string> list;
  for (const auto& [name, served] : served_) list.push_back(name);
  return list;
}

}  // namespace taskqueue::runner
