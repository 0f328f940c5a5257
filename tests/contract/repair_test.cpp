// Damage that the CMS's editor causes by restoring old rows. No task may get stuck or run twice.
#include "tests/contract/contract_test.h"

namespace taskqueue::contract {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Repair : public Contract {
 protected:
  std::vector<int> outOfLine() { return store().maintenance.findInconsistentTasks(100); }
};
INSTANTIATE_TEST_SUITE_P(Stores, Repair, bothStores(), nameOf);

TEST_P(Repair, NothingIsOutOfLineInTheOrdinaryLifeOfATask) {
  const int id = addFailed();
  add({.taskHandlerClass = "Echo", .scheduledOn = store().clock.now() + 60});
  add({.taskHandlerClass = "Unknown"});
  EXPECT_THAT(outOfLine(), IsEmpty());
  store().maintenance.createRunIfAllowed(id);
  EXPECT_THAT(outOfLine(), IsEmpty());
  const auto runs = claim();
  EXPECT_THAT(outOfLine(), IsEmpty());
  finish(runs.front(), RunStatus::Success);
  EXPECT_THAT(outOfLine(), IsEmpty());
}

TEST_P(Repair, ARunningTaskPutBackAfterItsSuccessIsRepaired) {
  const int id = add({.taskHandlerClass = "Echo", .uniqueKey = "k"});
  finish(claimOne(), RunStatus::Success);
  world().putBackRunningTask(id);
  EXPECT_THAT(outOfLine(), ElementsAre(id));
  EXPECT_TRUE(store().maintenance.recountTask(id));
  EXPECT_EQ(task(id).lastStatus, RunStatus::Success);
  EXPECT_THAT(outOfLine(), IsEmpty());
  EXPECT_THAT(claim(), IsEmpty());
}

TEST_P(Repair, ARetryThatWaitsForItsTimeStands) {
  const int id = add({.taskHandlerClass = "Echo", .scheduledOn = store().clock.now() + 3600});
  store().tasks.retryTask(id);  // brought forward: a run is made
  ASSERT_EQ(store().tasks.cancelTask(id), CancelOutcome::Cancelled);
  ASSERT_EQ(store().tasks.retryTask(id), RetryOutcome::Scheduled);
  store().maintenance.recountTask(id);
  EXPECT_EQ(task(id).lastStatus, RunStatus::Scheduled);
  EXPECT_THAT(outOfLine(), IsEmpty());
}

TEST_P(Repair, ARunningTaskPutBackAfterAFailureIsTriedAgain) {
  const int id = addFailed();
  world().putBackRunningTask(id);
  EXPECT_THAT(outOfLine(), ElementsAre(id));
  store().maintenance.recountTask(id);
  EXPECT_EQ(task(id).taskRunsFailed, 1);
  EXPECT_EQ(claimOne().attempt, 2);
}

TEST_P(Repair, AnOldRunPutBackUnderATaskThatHasEndedIsClosed) {
  const int id = add();
  const ClaimedRun first = claimOne();
  finish(endOf(first, RunStatus::Error));
  finish(claimOne(), RunStatus::Success);
  world().putBackRunningRun(first.owned, runner());
  world().forgetRunnerOf(first.owned.runId);
  EXPECT_THAT(outOfLine(), ElementsAre(id));
  store().maintenance.recountTask(id);
  EXPECT_THAT(outOfLine(), IsEmpty());
  EXPECT_EQ(task(id).lastStatus, RunStatus::Success);
  EXPECT_EQ(run(first.owned.runId).status, RunStatus::Cancelled);
  EXPECT_THAT(claim(), IsEmpty());
}

// An enqueue over SQL creates the run when its transaction cannot see the existing one yet.
TEST_P(Repair, ARunThatWasMadeForATaskWhichWasCancelledMeanwhileIsClosed) {
  const int id = add();
  store().maintenance.createRunIfAllowed(id);
  world().cancelTaskAlone(id);
  EXPECT_THAT(outOfLine(), ElementsAre(id));
  store().maintenance.recountTask(id);
  EXPECT_EQ(store().tasks.runsOfTask(id).at(0).status, RunStatus::Cancelled);
  EXPECT_EQ(task(id).lastStatus, RunStatus::Cancelled);
  EXPECT_THAT(outOfLine(), IsEmpty());
  EXPECT_THAT(claim(), IsEmpty());
}

TEST_P(Repair, ARunThatWasMadeScheduledAgainIsRun) {
  const int id = add();
  world().setRunStatus(claimOne().owned.runId, RunStatus::Scheduled);
  EXPECT_THAT(outOfLine(), ElementsAre(id));
  store().maintenance.recountTask(id);
  EXPECT_THAT(claimedTasks(), ElementsAre(id));
}

TEST_P(Repair, ARunOfNobodyIsReleased) {
  const int id = add();
  const ClaimedRun mine = claimOne();
  world().forgetRunnerOf(mine.owned.runId);
  EXPECT_THAT(outOfLine(), ElementsAre(id));
  store().maintenance.recountTask(id);
  const ClaimedRun again = claimOne();
  EXPECT_EQ(again.owned.runId, mine.owned.runId);
  EXPECT_NE(again.owned.runToken, mine.owned.runToken);
}

TEST_P(Repair, ARunningRunPutBackAfterItsSuccessIsNotRunAgain) {
  const int id = add();
  const ClaimedRun mine = claimOne();
  finish(mine, RunStatus::Success);
  world().putBackRunningRun(mine.owned, runner());
  EXPECT_EQ(store().runners.heartbeat(runner(), {.memoryKb = 0}).owned.size(),
            1U);  // the runner does not offer it and releases it
  release(mine);
  EXPECT_EQ(run(mine.owned.runId).status, RunStatus::Success);
  EXPECT_EQ(task(id).lastStatus, RunStatus::Success);
  EXPECT_THAT(claim(), IsEmpty());
  EXPECT_THAT(outOfLine(), IsEmpty());
}

TEST_P(Repair, ARunningRunOfADeadRunnerPutBackAfterItsSuccessIsNotRunAgain) {
  const int id = add();
  const ClaimedRun mine = claimOne();
  finish(mine, RunStatus::Success);
  const int dead = runner();
  world().putBackRunningRun(mine.owned, dead);
  EXPECT_TRUE(store().runners.timeOutRunner(dead, {}));
  EXPECT_EQ(run(mine.owned.runId).status, RunStatus::Success);
  EXPECT_EQ(task(id).lastStatus, RunStatus::Success);
  EXPECT_EQ(task(id).taskRunsFailed, 0);
  EXPECT_THAT(store().runners.findEndedRunnersWithRuns(10), IsEmpty());
  EXPECT_THAT(outOfLine(), IsEmpty());
}

// Here the task's row is the old copy, because another run has the same final status.
TEST_P(Repair, ARunOfADeadRunnerWhoseTaskWasPutBackAsItHadEndedBeforeIsTriedAgain) {
  const int id = add();
  finish(claimOne(), RunStatus::Cancelled);
  ASSERT_EQ(store().tasks.retryTask(id), RetryOutcome::Scheduled);
  const ClaimedRun second = claimOne();
  world().cancelTaskAlone(id);
  EXPECT_TRUE(store().runners.timeOutRunner(runner(), {}));
  EXPECT_EQ(run(second.owned.runId).status, RunStatus::Timeout);
  EXPECT_TRUE(task(id).nextRunOn);
}

// The editor deletes the task's row before it inserts an old copy. A run released in between used to end as
// cancelled, and the repair then took this for the task's end.
TEST_P(Repair, ARunReleasedWhileTheTasksRowIsAwayIsRunAgain) {
  const int id = add();
  const ClaimedRun mine = claimOne();
  world().deleteTask(id);
  EXPECT_THAT(release(mine).lostRuns, IsEmpty());
  EXPECT_THAT(outOfLine(), IsEmpty());
  EXPECT_THAT(store().runners.heartbeat(runner(), {.memoryKb = 0}).owned, IsEmpty());
  world().putBackDeletedTask(id);
  EXPECT_THAT(outOfLine(), ElementsAre(id));
  EXPECT_TRUE(store().maintenance.recountTask(id));
  EXPECT_EQ(claimOne().owned.runId, mine.owned.runId);
}

TEST_P(Repair, ARunReleasedWhoseTaskStaysDeletedEndsAfterAnHour) {
  const int id = add();
  const ClaimedRun mine = claimOne();
  world().deleteTask(id);
  release(mine);
  world().advance(std::chrono::seconds(3601));
  EXPECT_THAT(outOfLine(), ElementsAre(id));
  EXPECT_FALSE(store().maintenance.recountTask(id));
  EXPECT_EQ(run(mine.owned.runId).status, RunStatus::Cancelled);
  EXPECT_THAT(outOfLine(), IsEmpty());
}

TEST_P(Repair, ARowThatMayHaveNoRunEnds) {
  const int none = world().insertRow({.maxRetries = 0});
  const int exhausted = world().insertRow({.maxRetries = 2, .taskRunsFailed = 2});
  leavesHostileRows();
  EXPECT_THAT(claim(), IsEmpty());
  EXPECT_EQ(task(none).lastStatus, RunStatus::Cancelled);
  EXPECT_EQ(task(exhausted).lastStatus, RunStatus::Cancelled);
}

}  // namespace
}  // namespace taskqueue::contract
