// FakeTaskStore: handlers that runners have announced.
#include <algorithm>

#include "tests/support/fake_task_store.h"

namespace taskqueue::test_support {

bool FakeTaskStore::lives(int runnerId) const {
  const auto found = runners.find(runnerId);
  return found != runners.end() && found->second.runner.status == RunnerStatus::Running;
}

bool FakeTaskStore::offers(int runnerId, const std::string& taskHandlerClass) const {
  return lives(runnerId) &&
         std::any_of(announcements.begin(), announcements.end(), [&](const FakeAnnouncement& row) {
           return row.runnerId == runnerId && !row.withdrawnOn &&
                  row.handler.taskHandlerClass == taskHandlerClass;
         });
}

int FakeTaskStore::countOffering(const std::string& taskHandlerClass) const {
  return static_cast<int>(std::count_if(runners.begin(), runners.end(), [&](const auto& entry) {
    return offers(entry.first, taskHandlerClass);
  }));
}

bool FakeTaskStore::wasOffered(const std::string& taskHandlerClass) const {
  return std::any_of(announcements.begin(), announcements.end(), [&](const FakeAnnouncement& row) {
    return row.handler.taskHandlerClass == taskHandlerClass;
  });
}

std::optional<UnixSeconds> FakeTaskStore::offeredUntil(const std::string& taskHandlerClass) const {
  std::optional<UnixSeconds> until;
  for (const FakeAnnouncement& row : announcements) {
    const auto runner = runners.find(row.runnerId);
    if (row.handler.taskHandlerClass != taskHandlerClass || runner == runners.end()) continue;
    const Runner& of = runner->second.runner;
    const auto ended = of.status == RunnerStatus::Timeout ? of.lastHeartbeatOn : of.finishedOn;
    const auto left = row.withdrawnOn ? row.withdrawnOn : ended;
    if (left && (!until || *left > *until)) until = left;
  }
  return until;
}

void FakeTaskStore::announceHandlers(int taskRunnerId, std::span<const HandlerDeclaration> handlers) {
  const auto isAnnounced = [&](const FakeAnnouncement& row) {
    return std::any_of(handlers.begin(), handlers.end(), [&](const HandlerDeclaration& handler) {
      return handler.taskHandlerClass == row.handler.taskHandlerClass;
    });
  };
  std::erase_if(announcements, [&](const FakeAnnouncement& row) {
    return isAnnounced(row) && (row.runnerId == taskRunnerId || !lives(row.runnerId));
  });
  for (FakeAnnouncement& row : announcements) {
    if (row.runnerId == taskRunnerId && !row.withdrawnOn) row.withdrawnOn = now_;
  }
  for (const HandlerDeclaration& handler : handlers) {
    announcements.push_back({taskRunnerId, handler, std::nullopt});
    declareLimit(handler);
    unpark(handler.taskHandlerClass);
  }
}

RunnerLimit FakeTaskStore::findRunnerLimit() {
  return oddRunnerLimit ? *oddRunnerLimit : RunnerLimit{.limit = runnerLimit};
}

bool FakeTaskStore::setTaskRunnerLimit(int limit, std::optional<int> onlyIf) {
  const RunnerLimit before = findRunnerLimit();
  if (onlyIf && before.limit != *onlyIf) return false;
  runnerLimit = limit;
  oddRunnerLimit.reset();
  record("limit", std::nullopt, "TaskRunnerLimit",
         std::to_string(limit) +
             (before.isMissing ? "; it was missing"
                               : "; it was " + before.unreadable.value_or(std::to_string(before.limit))));
  return true;
}

}  // namespace taskqueue::test_support
