// The effects of a run's end on the run and its task (rule 3).
#include "tests/contract/contract_test.h"

namespace taskqueue::contract {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Finishing : public Contract {
 protected:
  int addWithTries(int maxRetries) { return add({.taskHandlerClass = "Echo", .maxRetries = maxRetries}); }
};
INSTANTIATE_TEST_SUITE_P(Stores, Finishing, bothStores(), nameOf);

TEST_P(Finishing, SuccessEndsTheTask) {
  const int id = add();
  const ClaimedRun claimed = claimOne();
  world().advance(7s);
  EXPECT_THAT(finish(claimed, RunStatus::Success).lostRuns, IsEmpty());
  EXPECT_EQ(task(id).lastStatus, RunStatus::Success);
  EXPECT_EQ(task(id).taskRunsFailed, 0);
  EXPECT_EQ(task(id).nextRunOn, std::nullopt);
  EXPECT_EQ(run(claimed.owned.runId).status, RunStatus::Success);
  EXPECT_EQ(run(claimed.owned.runId).finishedOn, store().clock.now());
}

TEST_P(Finishing, EverythingAboutTheEndIsKept) {
  add();
  RunEnd end = endOf(claimOne(), RunStatus::Error);
  end.results = R"({"rows":[1,"\u00e9"]})";
  end.errorCode = "E42";
  end.errorMessage = "line 1\nline 2 'quoted' \\ \xF0\x9F\x98\x80";
  end.percentsCompleted = 40;
  end.progressNote = "row 4 of 10";
  end.runMs = 123456789012;
  end.use = {.exitStatus = 3, .exitSignal = 9, .userCpuMs = 10, .systemCpuMs = 20, .maxRssKb = 4096};
  finish(end);
  const Run ended = run(end.owned.runId);
  EXPECT_EQ(ended.results, end.results);
  EXPECT_EQ(ended.errorCode, end.errorCode);
  EXPECT_EQ(ended.errorMessage, end.errorMessage);
  EXPECT_EQ(ended.percentsCompleted, 40);
  EXPECT_EQ(ended.progressNote, "row 4 of 10");
  EXPECT_EQ(ended.runMs, end.runMs);
  EXPECT_EQ(ended.use.exitStatus, 3);
  EXPECT_EQ(ended.use.exitSignal, 9);
  EXPECT_EQ(ended.use.userCpuMs, 10);
  EXPECT_EQ(ended.use.systemCpuMs, 20);
  EXPECT_EQ(ended.use.maxRssKb, 4096);
}

TEST_P(Finishing, WhatWasNotObservedStaysUnknown) {
  add();
  const ClaimedRun claimed = claimOne();
  finish(claimed, RunStatus::Success);
  const Run ended = run(claimed.owned.runId);
  EXPECT_EQ(ended.results, std::nullopt);
  EXPECT_EQ(ended.runMs, std::nullopt);
  EXPECT_EQ(ended.use.exitStatus, std::nullopt);
  EXPECT_EQ(ended.use.exitSignal, std::nullopt);
  EXPECT_EQ(ended.use.userCpuMs, std::nullopt);
  EXPECT_EQ(ended.use.maxRssKb, std::nullopt);
}

TEST_P(Finishing, AFailureIsTriedAgainAfterItsDelay) {
  for (const RunStatus status : {RunStatus::Error, RunStatus::Timeout}) {
    const int id = add();
    RunEnd end = endOf(claimOne(), status);
    end.retryDelaySeconds = 10;
    finish(end);
    EXPECT_EQ(task(id).lastStatus, status);
    EXPECT_EQ(task(id).taskRunsFailed, 1);
    EXPECT_EQ(task(id).nextRunOn, store().clock.now() + 10);
    world().advance(9s);
    EXPECT_THAT(claimedTasks(), IsEmpty());
    world().advance(1s);
    finish(claimOne(), RunStatus::Success);
  }
}

TEST_P(Finishing, SuccessForgetsEarlierFailures) {
  const int id = addFailed();
  finish(claimOne(), RunStatus::Success);
  EXPECT_EQ(task(id).taskRunsFailed, 0);
  EXPECT_EQ(task(id).lastStatus, RunStatus::Success);
}

TEST_P(Finishing, TheLastFailureEndsTheTask) {
  const int id = addWithTries(2);
  finish(claimOne(), RunStatus::Error);
  EXPECT_EQ(task(id).taskRunsFailed, 1);
  EXPECT_TRUE(task(id).nextRunOn);
  finish(claimOne(), RunStatus::Timeout);
  EXPECT_EQ(task(id).taskRunsFailed, 2);
  EXPECT_EQ(task(id).nextRunOn, std::nullopt);
  EXPECT_EQ(task(id).lastStatus, RunStatus::Timeout);
  world().advance(24h);
  EXPECT_THAT(claim(), IsEmpty());
}

TEST_P(Finishing, ATaskWithOneTryIsTriedOnce) {
  const int id = addWithTries(1);
  finish(claimOne(), RunStatus::Error);
  EXPECT_EQ(task(id).taskRunsFailed, 1);
  EXPECT_EQ(task(id).nextRunOn, std::nullopt);
}

TEST_P(Finishing, GivingUpEndsTheTaskAtOnce) {
  const int id = add(keyed("k"));
  RunEnd end = endOf(claimOne(), RunStatus::Error);
  end.giveUp = true;
  finish(end);
  EXPECT_EQ(task(id).lastStatus, RunStatus::Error);
  EXPECT_EQ(task(id).taskRunsFailed, 1);
  EXPECT_EQ(task(id).nextRunOn, std::nullopt);
  EXPECT_NE(add(keyed("k")), id);
}

TEST_P(Finishing, ACancelledRunIsNoFailureAndEndsTheTask) {
  const int id = addFailed();
  finish(claimOne(), RunStatus::Cancelled);
  EXPECT_EQ(task(id).lastStatus, RunStatus::Cancelled);
  EXPECT_EQ(task(id).taskRunsFailed, 1);
  EXPECT_EQ(task(id).nextRunOn, std::nullopt);
}

TEST_P(Finishing, ManyEndsAndClaimsFitInOneTick) {
  constexpr int kRuns = 60;
  for (int i = 0; i < kRuns; ++i) add();
  const auto first = claim(kRuns / 2);
  SyncRequest request = syncOf(runner(), kRuns);
  for (std::size_t i = 0; i < first.size(); ++i) {
    request.ends.push_back(endOf(first[i], i % 3 == 0 ? RunStatus::Error : RunStatus::Success));
    request.ends.back().retryDelaySeconds = 60;
  }
  const SyncResult result = store().runners.sync(request);
  EXPECT_THAT(result.lostRuns, IsEmpty());
  EXPECT_EQ(result.claimed.size(), kRuns / 2U);
  for (std::size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(task(first[i].owned.taskQueueId).lastStatus,
              i % 3 == 0 ? RunStatus::Error : RunStatus::Success);
  }
}

TEST_P(Finishing, AFailureWithoutDelayIsClaimedInTheSameTick) {
  const int id = add();
  SyncRequest request = syncOf(runner(), 1);
  request.ends = {endOf(claimOne(), RunStatus::Error)};
  const auto claimed = store().runners.sync(request).claimed;
  ASSERT_EQ(claimed.size(), 1U);
  EXPECT_EQ(claimed[0].owned.taskQueueId, id);
  EXPECT_EQ(claimed[0].attempt, 2);
}

TEST_P(Finishing, ARunWhoseTaskWasDeletedEndsAllTheSame) {
  leavesHostileRows();
  const int id = add();
  const ClaimedRun claimed = claimOne();
  world().deleteTask(id);
  EXPECT_THAT(finish(claimed, RunStatus::Success).lostRuns, IsEmpty());
  EXPECT_EQ(run(claimed.owned.runId).status, RunStatus::Success);
}

TEST_P(Finishing, PercentsOutOfRangeAreDrawnIn) {
  add();
  RunEnd end = endOf(claimOne(), RunStatus::Success);
  end.percentsCompleted = 4000;
  finish(end);
  EXPECT_EQ(run(end.owned.runId).percentsCompleted, 100);
}

TEST_P(Finishing, LongTextsAreCutBetweenCharactersAndNeverRefused) {
  add();
  RunEnd end = endOf(claimOne(), RunStatus::Error);
  for (int i = 0; i < 40000; ++i) end.errorMessage += "\xC3\xA9";
  end.progressNote = end.errorCode = "x" + end.errorMessage;
  EXPECT_THAT(finish(end).lostRuns, IsEmpty());
  const std::string kMark = "…";
  std::string kept = run(end.owned.runId).errorMessage;
  EXPECT_TRUE(kept == end.errorMessage || kept.ends_with(kMark)) << "what is cut says so";
  if (kept.ends_with(kMark)) kept.resize(kept.size() - kMark.size());
  EXPECT_TRUE(end.errorMessage.starts_with(kept));
  EXPECT_FALSE(run(end.owned.runId).errorCode.empty());
}

// Texts of 4 KiB and more go by another statement than the others of the same tick (DATABASE-50).
TEST_P(Finishing, LargeAndSmallEndsOfOneTickAreKeptWhole) {
  const std::vector<std::size_t> sizes{0, 1, 4095, 4096, 4097, 70'000};
  for (std::size_t i = 0; i < 2 * sizes.size(); ++i) add({.taskHandlerClass = "Echo", .maxRetries = 1});
  SyncRequest request = syncOf(runner(), 0);
  for (const ClaimedRun& claimed : claim()) {
    const std::size_t i = request.ends.size();
    const std::string text = std::string(sizes[i / 2], 'x') + "\"'\\ $[*] ?\n\xF0\x9F\x98\x80";
    RunEnd end = endOf(claimed, i % 3 == 0 ? RunStatus::Error : RunStatus::Success);
    end.results = i % 2 == 0 ? std::optional("\"" + std::string(sizes[i / 2], 'r') + "\"") : std::nullopt;
    end.errorCode = i % 3 == 0 ? "E" + std::to_string(i) : "";
    end.errorMessage = i % 3 == 0 ? text : "";
    end.progressNote = "note " + std::to_string(i);
    end.runMs = static_cast<std::int64_t>(i);
    end.use.exitStatus = i % 4 == 0 ? std::optional(static_cast<int>(i)) : std::nullopt;
    end.errorOutput = {.kept = text, .totalBytes = 7'000'000'000, .droppedBytes = 6};
    request.ends.push_back(end);
  }
  ASSERT_EQ(request.ends.size(), 2 * sizes.size());
  EXPECT_THAT(store().runners.sync(request).lostRuns, IsEmpty());
  for (const RunEnd& end : request.ends) {
    const Run ended = run(end.owned.runId);
    EXPECT_EQ(ended.status, end.status);
    EXPECT_EQ(task(end.owned.taskQueueId).lastStatus, end.status);
    EXPECT_EQ(ended.results, end.results);
    EXPECT_EQ(ended.errorCode, end.errorCode);
    EXPECT_TRUE(end.errorMessage.size() > 60'000 || ended.errorMessage == end.errorMessage);
    EXPECT_EQ(ended.progressNote, end.progressNote);
    EXPECT_EQ(ended.runMs, end.runMs);
    EXPECT_EQ(ended.use.exitStatus, end.use.exitStatus);
    EXPECT_EQ(ended.errorOutputBytes, 7'000'000'000);
    EXPECT_EQ(ended.errorOutputDropped, 6);
  }
}

TEST_P(Finishing, AFullHandOfTheLargestOutputsFitsInOneTick) {
  constexpr int kRuns = 24;
  const std::string large(1 << 20, '"');  // every byte must be escaped
  for (int i = 0; i < kRuns; ++i) add();
  SyncRequest request = syncOf(runner(), 0);
  for (const ClaimedRun& claimed : claim(kRuns)) {
    RunEnd end = endOf(claimed, RunStatus::Success);
    end.standardOutput = {.kept = large, .totalBytes = static_cast<std::int64_t>(large.size())};
    request.ends.push_back(end);
  }
  EXPECT_THAT(store().runners.sync(request).lostRuns, IsEmpty());
  for (const RunEnd& end : request.ends) {
    EXPECT_EQ(run(end.owned.runId).status, RunStatus::Success);
    EXPECT_TRUE(output(end.owned.runId) == large);
  }
}

}  // namespace
}  // namespace taskqueue::contract
