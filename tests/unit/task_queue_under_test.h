// TaskQueue on the fake store, with a clock, a journal and starts of runners that a test sets.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "module/json/task_data.h"
#include "module/queue/task_queue.h"
#include "tests/support/fake_store.h"

namespace taskqueue {

inline constexpr std::chrono::seconds kLease{60};

class TaskQueueRules : public ::testing::Test {
 protected:
  TaskQueueRules() { announce(currentProcessIdentity()); }

  int announce(const ProcessIdentity& identity) {
    const std::vector<HandlerDeclaration> handlers{
        {.taskHandlerClass = "Echo", .kind = "cpp"},
        {.taskHandlerClass = "Strict", .kind = "cpp", .dataSchema = R"({"required":["File"]})"}};
    return store_.runners.registerRunner({.identity = identity, .queues = {"default"}}, handlers);
  }

  QueueDependencies dependencies() {
    return {.checkTaskData =
                [this](std::string_view data, std::string_view schema) {
                  return json::checkTaskData(data, schema, json::taskDataLimits(limits_));
                },
            .startRunners =
                [this](const auto& countMissing) {
                  startsAsked_.push_back(countMissing());
                  return startsAsked_.back();
                },
            .runOneStandalone =
                [](const std::function<int()>& countMissing) {
                  const bool mayRun = !countMissing || countMissing() > 0;
                  return mayRun ? std::string("{\"ran\":1}") : std::string();
                },
            .readJournal = [this](int) { return journal_; },
            .readStarted = [this](int) { return started_; },
            .removeJournal = [this](int) { journal_.clear(); },
            .steadyNow = [this] { return std::exchange(now_, now_ + secondsOfReading_); }};
  }

  // Returns the invalid members.
  std::vector<std::string> faultsOf(const NewTask& task) {
    std::vector<std::string> members;
    for (const InputError& error : queue_.addTask(task).errors) {
      EXPECT_FALSE(error.problem.empty());
      members.push_back(error.member);
    }
    return members;
  }

  static ProcessIdentity processElsewhere() {
    ProcessIdentity identity = currentProcessIdentity();
    identity.bootId = "another-boot";
    return identity;
  }
  static ProcessIdentity processThatIsGone() {
    ProcessIdentity identity = currentProcessIdentity();
    identity.processStartTicks -= 1;  // the PID was reused
    return identity;
  }

  QueueLimits limits_;
  test_support::FakeStore store_;
  std::vector<int> startsAsked_;
  std::vector<RunEnd> journal_;
  // Tokens of the runs that the dead runner is known to have begun.
  std::optional<std::set<std::string>> started_;
  std::chrono::steady_clock::time_point now_{};
  std::chrono::seconds secondsOfReading_{0};  // duration of each read of the clock
  LeaseWatch leaseWatch_{kLease};
  TaskQueue queue_{store_.roles(), dependencies(), {.retry = {.jitter = 0}}, leaseWatch_, limits_};
};

}  // namespace taskqueue
