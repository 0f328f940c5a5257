#include "runner/handler_directory.h"

#include <algorithm>

namespace taskqueue::runner {

HandlerDirectory::HandlerDirectory(const std::vector<platform::CommandHandler>& commands,
                                   std::chrono::seconds defaultTimeLimit)
    : commands_(commands), defaultTimeLimit_(defaultTimeLimit) {
  rebuild(0);
}

std::vector<std::string> HandlerDirectory::setPoolHandlers(std::size_t pool, const std::string& kind,
                                                           const std::vector<HandlerDeclaration>& handlers) {
  std::vector<HandlerDeclaration> announced = handlers;
  for (HandlerDeclaration& declaration : announced) declaration.kind = kind;
  const auto known =
      std::find_if(poolHandlers_.begin(), poolHandlers_.end(),
                   [pool](const PoolHandlers& poolHandlers) { return poolHandlers.pool == pool; });
  if (known != poolHandlers_.end()) {
    known->handlers = std::move(announced);
  } else {
    poolHandlers_.push_back({pool, std::move(announced)});
  }
  return rebuild(pool);
}

void HandlerDirectory::removePoolHandlers(std::size_t pool) {
  for (PoolHandlers& poolHandlers : poolHandlers_) {
    if (poolHandlers.pool == pool) poolHandlers.handlers.clear();
  }
  rebuild(pool);
}

std::vector<std::string> HandlerDirectory::rebuild(std::size_t pool) {
  served_.clear();
  for (const platform::CommandHandler& command : commands_) {
    HandlerDeclaration declaration;
    declaration.taskHandlerClass = command.taskHandlerClass;
    declaration.kind = "command";
    declaration.dataSchema = command.dataSchema;
    declaration.settings = command.settings;
    add(std::move(declaration), command, 0);
  }
  std::vector<std::string> taken;
  for (const PoolHandlers& poolHandlers : poolHandlers_) {
    for (const HandlerDeclaration& declaration : poolHandlers.handlers) {
      const bool isAdded = add(declaration, std::nullopt, poolHandlers.pool);
      if (!isAdded && poolHandlers.pool == pool) taken.push_back(declaration.taskHandlerClass);
    }
  }
  return taken;
}

bool HandlerDirectory::add(HandlerDeclaration declaration, std::optional<platform::CommandHandler> command,
                           std::size_t pool) {
  if (declaration.settings.timeLimitSeconds <= 0) {
    declaration.settings.timeLimitSeconds = static_cast<int>(defaultTimeLimit_.count());
  }
  const std::string name = declaration.taskHandlerClass;
  json::DataSchema schema(declaration.dataSchema);
  return served_
      .emplace(name, std::make_shared<const ServedHandler>(
                         ServedHandler{std::move(declaration), std::move(command), pool, std::move(schema)}))
      .second;
}

std::shared_ptr<const ServedHandler> HandlerDirectory::find(std::string_view taskHandlerClass) const {
  const auto found = served_.find(taskHandlerClass);
  return found == served_.end() ? nullptr : found->second;
}

std::vector<HandlerDeclaration> HandlerDirectory::declarations() const {
  std::vector<HandlerDeclaration> list;
  for (const auto& [name, served] : served_) list.push_back(served->declaration);
  return list;
}

std::vector<std::string> HandlerDirectory::classes() const {
  std::vector<std::string> list;
  for (const auto& [name, served] : served_) list.push_back(name);
  return list;
}

}  // namespace taskqueue::runner
