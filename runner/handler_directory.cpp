#include "runner/handler_directory.h"

namespace taskqueue::runner {

HandlerDirectory::HandlerDirectory(const std::vector<platform::CommandHandler>& commands,
                                   std::chrono::seconds defaultTimeLimit)
    : defaultTimeLimit_(defaultTimeLimit) {
  for (const platform::CommandHandler& command : commands) {
    ServedHandler served;
    served.declaration.taskHandlerClass = command.taskHandlerClass;
    served.declaration.kind = "command";
    served.declaration.dataSchema = command.dataSchema;
    served.timeLimit = command.timeLimit.count() > 0 ? command.timeLimit : defaultTimeLimit;
    served.declaration.timeLimitSeconds = static_cast<int>(served.timeLimit.count());
    served.command = command.command;
    served_.emplace(command.taskHandlerClass, std::move(served));
  }
}

void HandlerDirectory::addHosted(const std::vector<HandlerDeclaration>& handlers) {
  for (const HandlerDeclaration& handler : handlers) {
    ServedHandler served;
    served.declaration = handler;
    served.declaration.kind = "cpp";
    served.timeLimit =
        handler.timeLimitSeconds > 0 ? std::chrono::seconds(handler.timeLimitSeconds) : defaultTimeLimit_;
    served.declaration.timeLimitSeconds = static_cast<int>(served.timeLimit.count());
    served_.emplace(handler.taskHandlerClass, std::move(served));
  }
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
