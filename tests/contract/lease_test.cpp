// A process that does not own a run can change nothing (I4); its owner may repeat a write.
#include "tests/contract/contract_test.h"

namespace taskqueue::contract {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Lease : public Contract {
 protected:
  // Takes the run from its owner and gives it to another runner: same run, different token.
  ClaimedRun losesItsRun(ClaimedRun& newOwner) {
    add();
    const ClaimedRun mine = claimOne();
    release(mine);
    newOwner = claimOne();
    return mine;
  }
};
INSTANTIATE_TEST_SUITE_P(Stores, Lease, bothStores(), nameOf);

TEST_P(Lease, FinishAfterLosingTheLeaseChangesNothing) {
  const int id = add();
  const ClaimedRun mine = claimOne();
  ASSERT_TRUE(store().runners.timeOutRunner(runner(), {}));
  const Task before = task(id);

  EXPECT_THAT(finish(mine, RunStatus::Success).lostRuns, ElementsAre(mine.owned.runId))
      << "our token stands on a run that has ended, though not as we say: that is refused, not repeated";
  EXPECT_EQ(run(mine.owned.runId).status, RunStatus::Timeout);
  EXPECT_EQ(task(id).lastStatus, RunStatus::Timeout);
  EXPECT_EQ(task(id).taskRunsFailed, before.taskRunsFailed);
  EXPECT_EQ(task(id).nextRunOn, before.nextRunOn);
}

TEST_P(Lease, ARunnerThatWasTimedOutClaimsNothing) {
  const int id = add();
  const int dead = addRunner();
  store().runners.timeOutRunner(dead, {});
  EXPECT_THAT(store().runners.sync(syncOf(dead, 10)).claimed, IsEmpty());
  EXPECT_THAT(store().runners.sync(syncOf(4711, 10)).claimed, IsEmpty());
  EXPECT_EQ(task(id).nextRunOn, store().clock.now());
  EXPECT_EQ(claimOne().owned.taskQueueId, id);
}

TEST_P(Lease, FinishOfARunThatAnotherOwnsChangesNothingAndIsReported) {
  ClaimedRun theirs;
  const ClaimedRun mine = losesItsRun(theirs);
  ASSERT_EQ(mine.owned.runId, theirs.owned.runId);
  EXPECT_THAT(finish(mine, RunStatus::Error).lostRuns, ElementsAre(mine.owned.runId));
  EXPECT_EQ(run(theirs.owned.runId).status, RunStatus::Running);
  EXPECT_EQ(task(theirs.owned.taskQueueId).taskRunsFailed, 0);
  EXPECT_THAT(finish(theirs, RunStatus::Success).lostRuns, IsEmpty());
}

TEST_P(Lease, AnOldAndANewEndOfTheSameRunAreToldApart) {
  ClaimedRun mineAgain;
  const ClaimedRun mine = losesItsRun(mineAgain);
  SyncRequest request = syncOf(runner(), 0);
  request.ends = {endOf(mine, RunStatus::Error), endOf(mineAgain, RunStatus::Success)};
  EXPECT_THAT(store().runners.sync(request).lostRuns, ElementsAre(mine.owned.runId));
  EXPECT_EQ(task(mine.owned.taskQueueId).lastStatus, RunStatus::Success);
}

TEST_P(Lease, AnOldReleaseBesideTheNewEndOfTheSameRunIsToldApart) {
  ClaimedRun mineAgain;
  const ClaimedRun mine = losesItsRun(mineAgain);
  SyncRequest request = syncOf(runner(), 0);
  request.releases = {{mine.owned, 5}, {mineAgain.owned, 9}};
  EXPECT_THAT(store().runners.sync(request).lostRuns, ElementsAre(mine.owned.runId));
  EXPECT_EQ(task(mine.owned.taskQueueId).nextRunOn, store().clock.now() + 9);
}

TEST_P(Lease, AnInventedRunIsReportedAsLost) {
  RunEnd end;
  end.owned = {.runId = 4711, .taskQueueId = 4712, .runToken = "invented"};
  EXPECT_THAT(finish(end).lostRuns, ElementsAre(4711));
}

TEST_P(Lease, OneLostRunDoesNotHoldUpTheOthers) {
  ClaimedRun theirs;
  const ClaimedRun mine = losesItsRun(theirs);
  const int other = add();
  const ClaimedRun good = claimOne();
  SyncRequest request = syncOf(runner(), 0);
  request.ends = {endOf(mine, RunStatus::Error), endOf(good, RunStatus::Success)};
  EXPECT_THAT(store().runners.sync(request).lostRuns, ElementsAre(mine.owned.runId));
  EXPECT_EQ(task(other).lastStatus, RunStatus::Success);
  EXPECT_EQ(run(theirs.owned.runId).status, RunStatus::Running);
}

TEST_P(Lease, ReleaseOfARunThatAnotherOwnsChangesNothingAndIsReported) {
  ClaimedRun theirs;
  const ClaimedRun mine = losesItsRun(theirs);
  EXPECT_THAT(release(mine).lostRuns, ElementsAre(mine.owned.runId));
  EXPECT_EQ(run(theirs.owned.runId).status, RunStatus::Running);
}

TEST_P(Lease, ALostReleaseBesideAGoodOneLeavesTheNewOwnersOutputAlone) {
  ClaimedRun theirs;
  const ClaimedRun mine = losesItsRun(theirs);
  write(chunkOf(theirs, 0, "theirs"));
  add();
  const ClaimedRun good = claimOne();
  SyncRequest request = syncOf(runner(), 0);
  request.releases = {{mine.owned, 0}, {good.owned, 0}};
  EXPECT_THAT(store().runners.sync(request).lostRuns, ElementsAre(mine.owned.runId));
  EXPECT_EQ(output(theirs.owned.runId), "theirs");
}

TEST_P(Lease, ProgressOfARunThatAnotherOwnsChangesNothing) {
  ClaimedRun theirs;
  const ClaimedRun mine = losesItsRun(theirs);
  report(mine, 90, "mine");
  EXPECT_EQ(run(theirs.owned.runId).percentsCompleted, 0);
  EXPECT_EQ(run(theirs.owned.runId).progressNote, "");
}

TEST_P(Lease, OutputOfARunThatAnotherOwnsIsNotWritten) {
  ClaimedRun theirs;
  const ClaimedRun mine = losesItsRun(theirs);
  write(chunkOf(mine, 0, "mine"));
  EXPECT_EQ(output(theirs.owned.runId), "");
}

TEST_P(Lease, OutputOfARunThatAnotherOwnsIsNotDropped) {
  ClaimedRun theirs;
  const ClaimedRun mine = losesItsRun(theirs);
  write(chunkOf(theirs, 0, "theirs"));
  OutputChunk dropping = chunkOf(mine, 100, "mine");
  dropping.dropFrom = 0;
  dropping.dropTo = 100;
  write(dropping);
  EXPECT_EQ(output(theirs.owned.runId), "theirs");
}

TEST_P(Lease, NothingIsWrittenToARunThatHasEnded) {
  add();
  const ClaimedRun mine = claimOne();
  finish(mine, RunStatus::Success);
  report(mine, 50, "late");
  write(chunkOf(mine, 0, "late"));
  EXPECT_THAT(release(mine).lostRuns, ElementsAre(mine.owned.runId));
  EXPECT_EQ(run(mine.owned.runId).percentsCompleted, 0);
  EXPECT_EQ(output(mine.owned.runId), "");
  EXPECT_EQ(run(mine.owned.runId).status, RunStatus::Success);
}

TEST_P(Lease, AnEndThatIsRepeatedIsNotLostAndNotCountedTwice) {
  const int id = add();
  const ClaimedRun mine = claimOne();
  RunEnd end = endOf(mine, RunStatus::Error);
  end.retryDelaySeconds = 10;
  finish(end);
  const Task before = task(id);
  world().advance(3s);
  EXPECT_THAT(finish(end).lostRuns, IsEmpty());
  EXPECT_EQ(task(id).taskRunsFailed, 1);
  EXPECT_EQ(task(id).nextRunOn, before.nextRunOn);
  EXPECT_EQ(run(mine.owned.runId).finishedOn, store().clock.now() - 3);
}

TEST_P(Lease, AnEndThatIsRepeatedAfterTheNextTryBeganDisturbsNothing) {
  const int id = add();
  const RunEnd end = endOf(claimOne(), RunStatus::Error);
  finish(end);
  const ClaimedRun second = claimOne();
  EXPECT_THAT(finish(end).lostRuns, IsEmpty());
  EXPECT_EQ(task(id).lastStatus, RunStatus::Running);
  EXPECT_EQ(task(id).taskRunsFailed, 1);
  EXPECT_EQ(run(second.owned.runId).status, RunStatus::Running);
}

TEST_P(Lease, OutputThatIsWrittenTwiceStandsOnce) {
  add();
  const ClaimedRun mine = claimOne();
  write(chunkOf(mine, 0, "once "));
  write(chunkOf(mine, 0, "once "));
  write(chunkOf(mine, 5, "more"));
  EXPECT_EQ(output(mine.owned.runId), "once more");
  store().runners.timeOutRunner(runner(), {});
  EXPECT_EQ(output(mine.owned.runId), "once more");
  EXPECT_EQ(run(mine.owned.runId).standardOutputBytes, 9);
}

TEST_P(Lease, WhatIsRefusedAndWhatIsRescuedIsCounted) {
  const auto before = store().statistics.readCounters();
  EXPECT_EQ(before.size(), kAllCounters.size());
  add();
  add();
  const auto claimed = claim(2);
  ASSERT_EQ(claimed.size(), 2U);
  store().runners.timeOutRunner(runner(), {});
  SyncRequest late = syncOf(runner(), 0);
  late.ends = {endOf(claimed[0], RunStatus::Success)};
  late.releases = {{.owned = claimed[1].owned}};
  store().runners.sync(late);
  store().runners.count(Counter::LostRuns, 3);
  store().runners.count(Counter::LostRuns, 0);
  auto after = store().statistics.readCounters();
  EXPECT_EQ(after[Counter::RescuedRuns] - before.at(Counter::RescuedRuns), 2);
  EXPECT_EQ(after[Counter::RefusedWrites] - before.at(Counter::RefusedWrites), 2);
  EXPECT_EQ(after[Counter::LostRuns] - before.at(Counter::LostRuns), 3);
}

}  // namespace
}  // namespace taskqueue::contract
