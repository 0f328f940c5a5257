// The overseer: it creates runs for due tasks, rescues runs of dead runners, and recounts failures.
#include "tests/contract/contract_test.h"

namespace taskqueue::contract {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Overseer : public Contract {
 protected:
  bool timeOut(int runnerId) { return store().runners.timeOutRunner(runnerId, policy_); }
  std::vector<int> missing(int limit = 100) { return store().maintenance.findTasksMissingRun(limit); }

  RescuePolicy policy_{.retry = {.delay = 10s, .delayLimit = 3600s, .jitter = 0}};
};
INSTANTIATE_TEST_SUITE_P(Stores, Overseer, bothStores(), nameOf);

TEST_P(Overseer, ADueTaskGetsAScheduledRun) {
  const int id = add();
  EXPECT_THAT(missing(), ElementsAre(id));
  const int runId = store().maintenance.createRunIfAllowed(id).value();
  EXPECT_EQ(run(runId).status, RunStatus::Scheduled);
  EXPECT_EQ(run(runId).attempt, 1);
  EXPECT_EQ(run(runId).startedOn, std::nullopt);
  EXPECT_EQ(task(id).lastStatus, RunStatus::Scheduled);
  EXPECT_THAT(missing(), IsEmpty());
}

TEST_P(Overseer, ARowThatTheCmsInsertedGetsARun) {
  const int id = world().insertRow({});
  EXPECT_THAT(missing(), ElementsAre(id));
  EXPECT_TRUE(store().maintenance.createRunIfAllowed(id));
}

TEST_P(Overseer, ATaskHasAtMostOneOpenRun) {
  const int id = add();
  EXPECT_TRUE(store().maintenance.createRunIfAllowed(id));
  EXPECT_FALSE(store().maintenance.createRunIfAllowed(id));
  claimOne();
  EXPECT_FALSE(store().maintenance.createRunIfAllowed(id));
  EXPECT_EQ(store().tasks.runsOfTask(id).size(), 1U);
}

TEST_P(Overseer, ARunningTaskGetsNoRunWhenTheEditorPutsAnOldRowBack) {
  const int id = add();
  claimOne();
  world().putBackNextRunOn(id, store().clock.now());
  EXPECT_FALSE(store().maintenance.createRunIfAllowed(id));
  EXPECT_THAT(missing(), IsEmpty());
  EXPECT_THAT(claim(), IsEmpty());
}

TEST_P(Overseer, ATaskThatIsNotDueGetsNoRun) {
  const int later = add({.taskHandlerClass = "Echo", .scheduledOn = store().clock.now() + 5});
  const int laterByTheCms = world().insertRow({.scheduledOn = store().clock.now() + 5});
  EXPECT_THAT(missing(), IsEmpty());
  EXPECT_FALSE(store().maintenance.createRunIfAllowed(later));
  EXPECT_FALSE(store().maintenance.createRunIfAllowed(laterByTheCms));
  world().advance(5s);
  EXPECT_EQ(missing().size(), 2U);
  EXPECT_TRUE(store().maintenance.createRunIfAllowed(later));
  EXPECT_TRUE(store().maintenance.createRunIfAllowed(laterByTheCms));
}

TEST_P(Overseer, ATaskThatWaitsForItsNextTryGetsNoRun) {
  const int id = addFailed(60);
  EXPECT_FALSE(store().maintenance.createRunIfAllowed(id));
  world().advance(60s);
  EXPECT_TRUE(store().maintenance.createRunIfAllowed(id));
  EXPECT_EQ(claimOne().attempt, 2);
}

TEST_P(Overseer, ATaskThatHasEndedGetsNoRun) {
  const int succeeded = add();
  finish(claimOne(), RunStatus::Success);
  const int cancelled = add();
  store().tasks.cancelTask(cancelled);
  const int failed = add({.taskHandlerClass = "Echo", .maxRetries = 1});
  finish(claimOne(), RunStatus::Error);
  EXPECT_THAT(missing(), IsEmpty());
  for (const int id : {succeeded, cancelled, failed, 4711})
    EXPECT_FALSE(store().maintenance.createRunIfAllowed(id));
}

TEST_P(Overseer, ATaskOutOfTriesGetsNoRunWhateverItsRowSays) {
  leavesHostileRows();
  const int none = world().insertRow({.maxRetries = 0});
  const int used = world().insertRow({.maxRetries = 2, .taskRunsFailed = 2});
  const int succeeded = world().insertRow({.lastStatus = "success"});
  EXPECT_THAT(missing(), IsEmpty());
  for (const int id : {none, used, succeeded}) EXPECT_FALSE(store().maintenance.createRunIfAllowed(id));
}

TEST_P(Overseer, ThePassIsLimited) {
  const int first = add();
  const int second = add();
  add();
  EXPECT_THAT(missing(2), ElementsAre(first, second));
}

TEST_P(Overseer, RunsOfADeadRunnerEndAsTimeout) {
  const int id = add(keyed("k"));
  const ClaimedRun claimed = claimOne();
  report(claimed, 30, "row 3");
  write(chunkOf(claimed, 0, "so far"));
  world().advance(65s);
  EXPECT_TRUE(timeOut(runner()));

  const Run ended = run(claimed.owned.runId);
  EXPECT_EQ(ended.status, RunStatus::Timeout);
  EXPECT_EQ(ended.finishedOn, store().clock.now());
  EXPECT_EQ(ended.percentsCompleted, 30);
  EXPECT_EQ(ended.progressNote, "row 3");
  EXPECT_EQ(ended.errorCode, "runner_died");
  EXPECT_THAT(ended.errorMessage, HasSubstr(std::to_string(runner())));
  EXPECT_EQ(ended.runMs, 65000);
  EXPECT_EQ(output(ended.id), "so far");
  EXPECT_EQ(task(id).lastStatus, RunStatus::Timeout);
  EXPECT_EQ(task(id).taskRunsFailed, 1);
  EXPECT_EQ(task(id).nextRunOn, store().clock.now() + 10);
  EXPECT_EQ(add(keyed("k")), id);

  const Runner dead = store().runners.findRunners(false, 1).at(0);
  EXPECT_EQ(dead.status, RunnerStatus::Timeout);
  EXPECT_EQ(dead.finishedOn, store().clock.now());
}

TEST_P(Overseer, ARescuedTaskIsTriedAgain) {
  const int id = add();
  claimOne();
  timeOut(runner());
  world().advance(10s);
  const int other = addRunner();
  const auto claimed = store().runners.sync(syncOf(other, 1)).claimed;
  ASSERT_EQ(claimed.size(), 1U);
  EXPECT_EQ(claimed[0].owned.taskQueueId, id);
  EXPECT_EQ(claimed[0].attempt, 2);
}

TEST_P(Overseer, TheLastTryOfADeadRunnerEndsTheTask) {
  NewTask once = keyed("k");
  once.maxRetries = 1;
  const int id = add(once);
  claimOne();
  timeOut(runner());
  EXPECT_EQ(task(id).nextRunOn, std::nullopt);
  EXPECT_NE(add(keyed("k")), id);
}

TEST_P(Overseer, WhatSomebodyWantedCancelledIsNotTriedAgainAfterARescue) {
  const int id = add();
  claimOne();
  ASSERT_EQ(store().tasks.cancelTask(id), CancelOutcome::Requested);
  timeOut(runner());
  EXPECT_EQ(task(id).lastStatus, RunStatus::Timeout);
  EXPECT_EQ(task(id).nextRunOn, std::nullopt);
}

TEST_P(Overseer, ARunnerIsRescuedOnce) {
  add();
  const ClaimedRun claimed = claimOne();
  EXPECT_TRUE(timeOut(runner()));
  EXPECT_FALSE(timeOut(runner()));
  EXPECT_FALSE(timeOut(4711));
  EXPECT_EQ(task(claimed.owned.taskQueueId).taskRunsFailed, 1);
}

TEST_P(Overseer, ARunnerThatEndedByItselfIsNotRescued) {
  store().runners.endRunner(runner());
  EXPECT_FALSE(timeOut(runner()));
  EXPECT_EQ(store().runners.findRunners(false, 1).at(0).status, RunnerStatus::Success);
}

TEST_P(Overseer, RunsOfOtherRunnersAreLeftAlone) {
  add();
  const ClaimedRun mine = claimOne();
  const int other = addRunner();
  add();
  const auto theirs = store().runners.sync(syncOf(other, 1)).claimed;
  ASSERT_EQ(theirs.size(), 1U);
  timeOut(other);
  EXPECT_EQ(run(mine.owned.runId).status, RunStatus::Running);
  EXPECT_EQ(run(theirs[0].owned.runId).status, RunStatus::Timeout);
}

TEST_P(Overseer, ARunThatADeadRunnerHadReleasedIsNotTouched) {
  const int id = add();
  release(claimOne());
  timeOut(runner());
  EXPECT_EQ(task(id).lastStatus, RunStatus::Scheduled);
  EXPECT_THAT(statusesOfRuns(id), ElementsAre(RunStatus::Scheduled));
}

TEST_P(Overseer, TheDelayGrowsWithEachFailure) {
  const int id = addFailed();
  claimOne();
  timeOut(runner());
  EXPECT_EQ(task(id).taskRunsFailed, 2);
  EXPECT_EQ(task(id).nextRunOn, store().clock.now() + 20);
}

TEST_P(Overseer, TheMiddleThatADeadRunnerHadDroppedStaysAGap) {
  add();
  const ClaimedRun mine = claimOne();
  write(chunkOf(mine, 0, "head"));
  write(chunkOf(mine, 100, "tail"));
  timeOut(runner());
  const Run ended = run(mine.owned.runId);
  EXPECT_EQ(ended.standardOutputBytes, 104);
  EXPECT_EQ(ended.standardOutputDropped, 96);
  EXPECT_EQ(output(ended.id), "head");
  const auto tail = store().tasks.readOutput(ended.id, OutputStream::StandardOutput, 4, 100).value();
  EXPECT_EQ(tail.offset, 100);
  EXPECT_EQ(tail.content, "tail");
}

TEST_P(Overseer, TheRecountFollowsARunThatTheCmsChanged) {
  leavesHostileRows();
  const int id = addFailed();
  const ClaimedRun second = claimOne();
  finish(second, RunStatus::Error);
  world().setRunStatus(second.owned.runId, RunStatus::Success);
  EXPECT_TRUE(store().maintenance.recountTask(id));
  EXPECT_EQ(task(id).lastStatus, RunStatus::Success);
  EXPECT_EQ(task(id).taskRunsFailed, 0);
}

TEST_P(Overseer, ARunThatTheCmsEndedAsFailedLetsItsTaskBeTriedAgain) {
  const int id = add();
  world().setRunStatus(claimOne().owned.runId, RunStatus::Error);
  EXPECT_TRUE(store().maintenance.recountTask(id));
  EXPECT_EQ(task(id).lastStatus, RunStatus::Error);
  EXPECT_EQ(task(id).taskRunsFailed, 1);
  EXPECT_EQ(claimOne().attempt, 2);
}

TEST_P(Overseer, ARunThatTheCmsEndedAsSuccessEndsItsTaskAndFreesItsKey) {
  const int id = add({.taskHandlerClass = "Echo", .uniqueKey = "k"});
  const ClaimedRun mine = claimOne();
  world().setRunStatus(mine.owned.runId, RunStatus::Success);
  EXPECT_TRUE(store().maintenance.recountTask(id));
  EXPECT_EQ(task(id).lastStatus, RunStatus::Success);
  EXPECT_EQ(task(id).nextRunOn, std::nullopt);
  EXPECT_NE(add({.taskHandlerClass = "Echo", .uniqueKey = "k"}), id);
}

TEST_P(Overseer, RunsOfARunnerWhoseRowWasEndedOrDeletedAreFoundAndFollow) {
  const int first = add();
  claimOne();
  EXPECT_THAT(store().runners.findEndedRunnersWithRuns(100), IsEmpty());
  world().setRunnerStatus(runner(), RunnerStatus::Timeout);
  EXPECT_THAT(store().runners.findEndedRunnersWithRuns(100), ElementsAre(runner()));
  EXPECT_TRUE(timeOut(runner()));
  EXPECT_FALSE(timeOut(runner()));
  EXPECT_EQ(task(first).lastStatus, RunStatus::Timeout);
  EXPECT_THAT(store().runners.findEndedRunnersWithRuns(100), IsEmpty());

  const int other = addRunner();
  const int second = add();
  ASSERT_EQ(store().runners.sync(syncOf(other, 1)).claimed.size(), 1U);
  world().deleteRunner(other);
  EXPECT_THAT(store().runners.findEndedRunnersWithRuns(100), ElementsAre(other));
  EXPECT_TRUE(timeOut(other));
  EXPECT_EQ(task(second).lastStatus, RunStatus::Timeout);
}

TEST_P(Overseer, TheRecountChangesNothingThatIsRight) {
  const int failedOnce = addFailed(60);
  const int waiting = add({.taskHandlerClass = "Echo", .scheduledOn = store().clock.now() + 60});
  const int cancelledAfterFailure = addFailed(60);
  store().tasks.cancelTask(cancelledAfterFailure);
  for (const int id : {failedOnce, waiting, cancelledAfterFailure}) {
    const Task before = task(id);
    EXPECT_TRUE(store().maintenance.recountTask(id));
    EXPECT_EQ(task(id).lastStatus, before.lastStatus);
    EXPECT_EQ(task(id).taskRunsFailed, before.taskRunsFailed);
    EXPECT_EQ(task(id).nextRunOn, before.nextRunOn);
  }
  EXPECT_FALSE(store().maintenance.recountTask(4711));
}

}  // namespace
}  // namespace taskqueue::contract
