// The fixture of the contract tests: one store, one runner that offers Echo, and short helper functions.
// After each test the invariants are checked, unless the test breaks them on purpose.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/contract/store_under_test.h"

namespace taskqueue::contract {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace): 5s reads better than
                                       // seconds(5)

class Contract : public ::testing::TestWithParam<StoreKind> {
 protected:
  using Run = taskqueue::Run;  // hides a private function of the test framework's class

  Contract();
  void TearDown() override;

  // Declares that this test leaves invalid rows, as careless SQL would.
  void leavesHostileRows() { hostileRows_ = true; }

  StoreUnderTest& world() { return *world_; }
  Stores store() { return world_->store(); }

  int add(const NewTask& task = {.taskHandlerClass = "Echo"});
  NewTask keyed(const std::string& key) { return {.taskHandlerClass = "Echo", .uniqueKey = key}; }

  // Adds a runner with its own process identity that offers these classes.
  int addRunner(const std::vector<std::string>& classes = {"Echo"});
  int runner();  // the first one, created on first use

  SyncRequest syncOf(int runnerId, int claimLimit, const std::vector<std::string>& classes = {"Echo"});
  std::vector<ClaimedRun> claim(int limit = 100) {
    return store().runners.sync(syncOf(runner(), limit)).claimed;
  }
  std::vector<int> claimedTasks(int limit = 100);
  ClaimedRun claimOne();

  static RunEnd endOf(const ClaimedRun& run, RunStatus status);
  SyncResult finish(const RunEnd& end);
  SyncResult finish(const ClaimedRun& run, RunStatus status) { return finish(endOf(run, status)); }
  SyncResult release(const ClaimedRun& run, std::int64_t delaySeconds = 0);
  SyncResult report(const ClaimedRun& run, int percents, const std::string& note = "");
  SyncResult write(const OutputChunk& chunk);
  OutputChunk chunkOf(const ClaimedRun& run, std::int64_t position, const std::string& content,
                      OutputStream stream = OutputStream::StandardOutput);

  // Adds a task that has failed once and may be retried after `delaySeconds`.
  int addFailed(std::int64_t delaySeconds = 0);

  Task task(int id);
  Run run(int id);
  std::vector<RunStatus> statusesOfRuns(int taskId);
  std::string output(int runId, OutputStream stream = OutputStream::StandardOutput);

 private:
  std::unique_ptr<StoreUnderTest> world_;
  std::optional<int> runner_;
  int processes_ = 0;
  bool hostileRows_ = false;
};

inline auto bothStores() {
  return ::testing::Values(StoreKind::Fake, StoreKind::MariaDb);
}

}  // namespace taskqueue::contract
