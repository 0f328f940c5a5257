#include "runner/handler_announcement.h"

#include <algorithm>
#include <utility>

namespace taskqueue::runner {
namespace {

using namespace std::chrono_literals;

constexpr auto kWhileHandlersAreLocked = 2s;

}  // namespace

void HandlerAnnouncement::replace(std::vector<HandlerDeclaration> handlers) {
  const auto isOffered = [&](const std::string& name) {
    return std::any_of(handlers.begin(), handlers.end(),
                       [&](const HandlerDeclaration& handler) { return handler.taskHandlerClass == name; });
  };
  const std::lock_guard lock(mutex_);
  std::erase_if(claimable_, [&](const std::string& name) { return !isOffered(name); });
  unwritten_ = std::move(handlers);
  dueAt_ = {};
  ++number_;
}

std::vector<std::string> HandlerAnnouncement::claimable() const {
  const std::lock_guard lock(mutex_);
  return claimable_;
}

std::optional<HandlerAnnouncement::Clock::time_point> HandlerAnnouncement::dueAt() const {
  const std::lock_guard lock(mutex_);
  if (!unwritten_) return std::nullopt;
  return dueAt_;
}

bool HandlerAnnouncement::write(RunnerStore& store, int taskRunnerId) {
  std::vector<HandlerDeclaration> handlers;
  int number = 0;
  {
    const std::lock_guard lock(mutex_);
    if (!unwritten_ || Clock::now() < dueAt_) return false;
    handlers = *unwritten_;
    number = number_;
  }
  try {
    store.announceHandlers(taskRunnerId, handlers);
  } catch (const StoreError& error) {
    if (error.kind() != StoreError::Kind::TryAgain) throw;
    // A site's transaction has locked rows of TaskHandlers. The ends of runs must not wait for it.
    const std::lock_guard lock(mutex_);
    dueAt_ = Clock::now() + kWhileHandlersAreLocked;
    return false;
  }
  const std::lock_guard lock(mutex_);
  if (number != number_) return false;  // a newer announcement waits to be written
  unwritten_.reset();
  claimable_.clear();
  for (const HandlerDeclaration& handler : handlers) claimable_.push_back(handler.taskHandlerClass);
  return true;
}

}  // namespace taskqueue::runner
