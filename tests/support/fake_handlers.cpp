// The fake store: handlers that runners have announced.
#include <algorithm>

#include "tests/support/fake_store.h"

namespace taskqueue::test_support {

bool FakeTables::lives(int runnerId) const {
  const auto found = runners.find(runnerId);
  return found != runners.end() && found->second.runner.status == RunnerStatus::Running;
}

bool FakeTables::offers(int runnerId, const std::string& taskHandlerClass) const {
  return lives(runnerId) &&
         std::any_of(announcements.begin(), announcements.end(), [&](const FakeAnnouncement& row) {
           return row.runnerId == runnerId && !row.withdrawnOn &&
                  row.handler.taskHandlerClass == taskHandlerClass;
         });
}

int FakeTables::countOffering(const std::string& taskHandlerClass) const {
  return static_cast<int>(std::count_if(runners.begin(), runners.end(), [&](const auto& entry) {
    return offers(entry.first, taskHandlerClass);
  }));
}

bool FakeTables::wasOffered(const std::string& taskHandlerClass) const {
  return std::any_of(announcements.begin(), announcements.end(), [&](const FakeAnnouncement& row) {
    return row.handler.taskHandlerClass == taskHandlerClass;
  });
}

std::optional<UnixSeconds> FakeTables::offeredUntil(const std::string& taskHandlerClass) const {
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

void FakeRunners::announceHandlers(int taskRunnerId, std::span<const HandlerDeclaration> handlers) {
  const auto isAnnounced = [&](const FakeAnnouncement& row) {
    return std::any_of(handlers.begin(), handlers.end(), [&](const HandlerDeclaration& handler) {
      return handler.taskHandlerClass == row.handler.taskHandlerClass;
    });
  };
  std::erase_if(tables_.announcements, [&](const FakeAnnouncement& row) {
    return isAnnounced(row) && (row.runnerId == taskRunnerId || !tables_.lives(row.runnerId));
  });
  for (FakeAnnouncement& row : tables_.announcements) {
    if (row.runnerId == taskRunnerId && !row.withdrawnOn) row.withdrawnOn = tables_.now;
  }
  for (const HandlerDeclaration& handler : handlers) {
    tables_.announcements.push_back({taskRunnerId, handler, std::nullopt});
    tables_.declareLimit(handler);
    tables_.unpark(handler.taskHandlerClass);
  }
}

RunnerLimit FakeHandlers::findRunnerLimit() {
  return tables_.oddRunnerLimit ? *tables_.oddRunnerLimit : RunnerLimit{.limit = tables_.runnerLimit};
}

bool FakeHandlers::setTaskRunnerLimit(int limit, std::optional<int> onlyIf) {
  const RunnerLimit before = findRunnerLimit();
  if (onlyIf && before.limit != *onlyIf) return false;
  tables_.runnerLimit = limit;
  tables_.oddRunnerLimit.reset();
  tables_.record(
      "limit", std::nullopt, "TaskRunnerLimit",
      std::to_string(limit) + (before.isMissing
                                   ? "; it was missing"
                                   : "; it was " + before.unreadable.value_or(std::to_string(before.limit))));
  return true;
}

}  // namespace taskqueue::test_support
