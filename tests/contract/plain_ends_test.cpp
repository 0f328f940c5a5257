// Plain successes are written without a look at their rows. When one of a batch is not the runner's own any
// more, the batch is written as carefully as any other (CLAIM-30).
#include "tests/contract/contract_test.h"

namespace taskqueue::contract {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int kRunsOfBatch = 24;
constexpr std::size_t kOdd = 5;  // the run of the batch that is not as the others

class PlainEnds : public Contract {
 protected:
  // Equal figures and single ones are written by different statements.
  static RunEnd plainEndOf(const ClaimedRun& run, std::int64_t runMs = 3) {
    RunEnd end = endOf(run, RunStatus::Success);
    end.percentsCompleted = 100;
    end.runMs = runMs;
    return end;
  }
  std::vector<ClaimedRun> claimBatch(const NewTask& task = {.taskHandlerClass = "Echo"}) {
    for (int i = 0; i < kRunsOfBatch; ++i) add(task);
    return claim(kRunsOfBatch);
  }
  SyncRequest endsOf(const std::vector<ClaimedRun>& runs) {
    SyncRequest request = syncOf(runner(), 0);
    for (std::size_t i = 0; i < runs.size(); ++i)
      request.ends.push_back(plainEndOf(runs[i], i % 4 == 0 ? static_cast<std::int64_t>(100 + i) : 3));
    return request;
  }
  void expectSuccessOfAllBut(const std::vector<ClaimedRun>& runs, std::size_t odd) {
    for (std::size_t i = 0; i < runs.size(); ++i) {
      if (i == odd) continue;
      EXPECT_EQ(run(runs[i].owned.runId).status, RunStatus::Success) << i;
      EXPECT_EQ(task(runs[i].owned.taskQueueId).lastStatus, RunStatus::Success) << i;
      EXPECT_EQ(run(runs[i].owned.runId).runMs, i % 4 == 0 ? static_cast<std::int64_t>(100 + i) : 3) << i;
    }
  }
};
INSTANTIATE_TEST_SUITE_P(Stores, PlainEnds, bothStores(), nameOf);

TEST_P(PlainEnds, ABatchIsWrittenWhole) {
  const auto runs = claimBatch();
  EXPECT_THAT(store().runners.sync(endsOf(runs)).lostRuns, IsEmpty());
  expectSuccessOfAllBut(runs, runs.size());
}

TEST_P(PlainEnds, WrittenTwiceTheyStayAsTheyAre) {
  const auto runs = claimBatch();
  const SyncRequest request = endsOf(runs);
  store().runners.sync(request);
  world().advance(5s);
  EXPECT_THAT(store().runners.sync(request).lostRuns, IsEmpty()) << "an earlier try was committed after all";
  expectSuccessOfAllBut(runs, runs.size());
  EXPECT_EQ(run(runs[0].owned.runId).finishedOn, store().clock.now() - 5);
}

TEST_P(PlainEnds, OfAStaleOwnerOnlyTheLostRunIsRefused) {
  const auto runs = claimBatch();
  release(runs[kOdd]);
  const auto claimed = store().runners.sync(syncOf(addRunner(), 1)).claimed;
  ASSERT_EQ(claimed.size(), 1U);
  ASSERT_EQ(claimed[0].owned.runId, runs[kOdd].owned.runId);
  EXPECT_THAT(store().runners.sync(endsOf(runs)).lostRuns, ElementsAre(runs[kOdd].owned.runId));
  expectSuccessOfAllBut(runs, kOdd);
  EXPECT_EQ(run(runs[kOdd].owned.runId).status, RunStatus::Running);
  EXPECT_EQ(task(runs[kOdd].owned.taskQueueId).lastStatus, RunStatus::Running);
}

TEST_P(PlainEnds, ARunThatEndedMeanwhileKeepsItsEnd) {
  const auto runs = claimBatch({.taskHandlerClass = "Echo", .maxRetries = 1});
  finish(runs[kOdd], RunStatus::Cancelled);
  EXPECT_THAT(store().runners.sync(endsOf(runs)).lostRuns, IsEmpty());
  expectSuccessOfAllBut(runs, kOdd);
  EXPECT_EQ(run(runs[kOdd].owned.runId).status, RunStatus::Cancelled);
  EXPECT_EQ(task(runs[kOdd].owned.taskQueueId).lastStatus, RunStatus::Cancelled);
}

TEST_P(PlainEnds, ASuccessThatWasReachedBeforeItsCancelStaysOne) {
  const auto runs = claimBatch();
  EXPECT_EQ(store().tasks.cancelTask(runs[kOdd].owned.taskQueueId), CancelOutcome::Requested);
  EXPECT_THAT(store().runners.sync(endsOf(runs)).lostRuns, IsEmpty());
  expectSuccessOfAllBut(runs, runs.size());
}

TEST_P(PlainEnds, ARescuedBatchIsLostAsAWhole) {
  const auto runs = claimBatch({.taskHandlerClass = "Echo", .maxRetries = 1});
  const SyncRequest request = endsOf(runs);
  store().runners.timeOutRunner(runner(), {});
  EXPECT_EQ(store().runners.sync(request).lostRuns.size(), runs.size());
  for (const ClaimedRun& claimed : runs) EXPECT_NE(run(claimed.owned.runId).status, RunStatus::Success);
}

TEST_P(PlainEnds, ARescuedRunAmongThemIsLostAlone) {
  const auto runs = claimBatch();
  leavesHostileRows();
  world().setRunStatus(runs[kOdd].owned.runId, RunStatus::Timeout);
  EXPECT_THAT(store().runners.sync(endsOf(runs)).lostRuns, ElementsAre(runs[kOdd].owned.runId));
  expectSuccessOfAllBut(runs, kOdd);
  EXPECT_EQ(run(runs[kOdd].owned.runId).status, RunStatus::Timeout);
}

// Releases, other ends and the claim of the same tick must outlive the roll back.
TEST_P(PlainEnds, WhatElseTheTickWritesIsWrittenOnce) {
  const auto runs = claimBatch();
  release(runs[kOdd]);
  store().runners.sync(syncOf(addRunner(), 1));
  const int failing = add({.taskHandlerClass = "Echo", .maxRetries = 1});
  const ClaimedRun failed = claimOne();
  const int waiting = add();
  SyncRequest request = endsOf(runs);
  request.claimLimit = 1;
  request.ends.push_back(endOf(failed, RunStatus::Error));
  const SyncResult result = store().runners.sync(request);
  EXPECT_THAT(result.lostRuns, ElementsAre(runs[kOdd].owned.runId));
  expectSuccessOfAllBut(runs, kOdd);
  EXPECT_EQ(task(failing).lastStatus, RunStatus::Error);
  EXPECT_EQ(task(failing).taskRunsFailed, 1);
  ASSERT_EQ(result.claimed.size(), 1U);
  EXPECT_EQ(result.claimed[0].owned.taskQueueId, waiting);
  EXPECT_EQ(result.claimed[0].attempt, 1);
}

TEST_P(PlainEnds, FiguresThatWereNotObservedStayUnknown) {
  const auto runs = claimBatch();
  SyncRequest request = syncOf(runner(), 0);
  for (const ClaimedRun& claimed : runs) {
    RunEnd end = plainEndOf(claimed);
    end.runMs = std::nullopt;
    end.use.maxRssKb = 4096;
    request.ends.push_back(end);
  }
  store().runners.sync(request);
  for (const ClaimedRun& claimed : runs) {
    EXPECT_EQ(run(claimed.owned.runId).runMs, std::nullopt);
    EXPECT_EQ(run(claimed.owned.runId).use.userCpuMs, std::nullopt);
    EXPECT_EQ(run(claimed.owned.runId).use.maxRssKb, 4096);
  }
}

}  // namespace
}  // namespace taskqueue::contract
