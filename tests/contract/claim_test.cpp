// The tasks that a runner claims, and their order.
#include "tests/contract/contract_test.h"

namespace taskqueue::contract {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Claiming : public Contract {
 protected:
  int addIn(const std::string& queue) { return add({.taskHandlerClass = "Echo", .queue = queue}); }
  int addWith(int priority, std::int64_t dueSince = 0) {
    return add(
        {.taskHandlerClass = "Echo", .scheduledOn = store().clock.now() - dueSince, .priority = priority});
  }
};
INSTANTIATE_TEST_SUITE_P(Stores, Claiming, bothStores(), nameOf);

TEST_P(Claiming, AClaimOpensARunThatTheRunnerOwns) {
  const int id = add({.taskHandlerClass = "Echo", .taskData = R"({"a":1})", .title = "T"});
  const ClaimedRun claimed = claimOne();
  EXPECT_EQ(claimed.owned.taskQueueId, id);
  EXPECT_EQ(claimed.attempt, 1);
  EXPECT_EQ(claimed.task.taskData, R"({"a":1})");
  EXPECT_EQ(claimed.task.title, "T");
  EXPECT_FALSE(claimed.owned.runToken.empty());

  const Run opened = run(claimed.owned.runId);
  EXPECT_EQ(opened.taskQueueId, id);
  EXPECT_EQ(opened.status, RunStatus::Running);
  EXPECT_EQ(opened.startedOn, store().clock.now());
  EXPECT_EQ(opened.finishedOn, std::nullopt);
  EXPECT_EQ(opened.taskRunnerId, runner());
  EXPECT_EQ(task(id).lastStatus, RunStatus::Running);
  EXPECT_EQ(task(id).nextRunOn, std::nullopt);
}

TEST_P(Claiming, AClaimedTaskIsNotClaimedAgain) {
  add();
  EXPECT_EQ(claim().size(), 1U);
  EXPECT_THAT(claim(), IsEmpty());
}

TEST_P(Claiming, TokensDiffer) {
  add();
  add();
  const auto claimed = claim();
  ASSERT_EQ(claimed.size(), 2U);
  EXPECT_NE(claimed[0].owned.runToken, claimed[1].owned.runToken);
}

TEST_P(Claiming, PriorityGoesBeforeDueTimeAndDueTimeBeforeId) {
  const int low = addWith(9, 100);
  const int young = addWith(5, 10);
  const int old = addWith(5, 20);
  const int oldToo = addWith(5, 20);
  const int high = addWith(0);
  EXPECT_THAT(claimedTasks(), ElementsAre(high, old, oldToo, young, low));
}

TEST_P(Claiming, QueuesAreServedInTheOrderGiven) {
  const int a = addIn("a");
  const int b = addIn("b");
  addIn("c");
  SyncRequest request = syncOf(runner(), 100);
  request.queues = {"b", "a"};
  const auto claimed = store().runners.sync(request).claimed;
  ASSERT_EQ(claimed.size(), 2U);
  EXPECT_EQ(claimed[0].owned.taskQueueId, b);
  EXPECT_EQ(claimed[1].owned.taskQueueId, a);
}

TEST_P(Claiming, QueueNamesAreToldApartByCase) {
  addIn("A");
  SyncRequest request = syncOf(runner(), 100);
  request.queues = {"a"};
  EXPECT_THAT(store().runners.sync(request).claimed, IsEmpty());
}

TEST_P(Claiming, NoMoreThanTheLimitIsClaimed) {
  for (int i = 0; i < 5; ++i) addWith(i % 2);
  EXPECT_EQ(claim(3).size(), 3U);
  EXPECT_EQ(claim(3).size(), 2U);
}

TEST_P(Claiming, ARunnerWithoutFreeSlotsClaimsNothing) {
  add();
  EXPECT_THAT(claim(0), IsEmpty());
}

TEST_P(Claiming, NothingIsClaimedBeforeItsTime) {
  const int id = add({.taskHandlerClass = "Echo", .scheduledOn = store().clock.now() + 30});
  world().advance(29s);
  EXPECT_THAT(claimedTasks(), IsEmpty());
  world().advance(1s);
  EXPECT_THAT(claimedTasks(), ElementsAre(id));
}

TEST_P(Claiming, TheRunnerIsToldWhenTheNextTaskIsDue) {
  EXPECT_EQ(store().runners.sync(syncOf(runner(), 1)).secondsUntilDue, std::nullopt);
  add({.taskHandlerClass = "Echo", .scheduledOn = store().clock.now() + 30});
  EXPECT_EQ(store().runners.sync(syncOf(runner(), 1)).secondsUntilDue, 30);
  world().advance(40s);
  EXPECT_EQ(store().runners.sync(syncOf(runner(), 0)).secondsUntilDue, std::nullopt) << "it does not look";
  EXPECT_EQ(store().runners.sync(syncOf(runner(), 1)).secondsUntilDue, 0);
}

TEST_P(Claiming, ARowOfTheDesignDocumentsColumnsAloneRuns) {
  const int id = world().insertRow({});
  EXPECT_EQ(task(id).nextRunOn, kUnscheduled);
  EXPECT_THAT(claimedTasks(), ElementsAre(id));
}

TEST_P(Claiming, ARowOfTheDesignDocumentsColumnsAloneWaitsForItsTime) {
  const int id = world().insertRow({.scheduledOn = store().clock.now() + 30});
  EXPECT_THAT(claimedTasks(), IsEmpty());
  EXPECT_EQ(task(id).nextRunOn, store().clock.now() + 30);
  world().advance(30s);
  EXPECT_THAT(claimedTasks(), ElementsAre(id));
}

TEST_P(Claiming, TheOverseersRunIsAdopted) {
  const int id = add();
  const int scheduled = store().maintenance.createRunIfAllowed(id).value();
  const ClaimedRun claimed = claimOne();
  EXPECT_EQ(claimed.owned.runId, scheduled);
  EXPECT_EQ(claimed.attempt, 1);
  EXPECT_EQ(run(scheduled).status, RunStatus::Running);
  EXPECT_EQ(run(scheduled).startedOn, store().clock.now());
  EXPECT_EQ(run(scheduled).taskRunnerId, runner());
  EXPECT_EQ(store().tasks.runsOfTask(id).size(), 1U);
}

TEST_P(Claiming, NoSecondRunOpensWhenTheEditorPutsAnOldRowBack) {
  const int id = add();
  const ClaimedRun first = claimOne();
  world().putBackNextRunOn(id, store().clock.now() - 5);
  EXPECT_THAT(claim(), IsEmpty());
  EXPECT_EQ(store().tasks.runsOfTask(id).size(), 1U);
  EXPECT_EQ(task(id).nextRunOn, std::nullopt);
  EXPECT_THAT(finish(first, RunStatus::Success).lostRuns, IsEmpty());
  EXPECT_EQ(task(id).lastStatus, RunStatus::Success);
}

TEST_P(Claiming, OthersAreClaimedBesideARowThatTheEditorPutBack) {
  const int running = add();
  claimOne();
  world().putBackNextRunOn(running, store().clock.now() - 5);
  const int other = add();
  EXPECT_THAT(claimedTasks(), ElementsAre(other));
}

TEST_P(Claiming, AttemptsCountUp) {
  const int id = addFailed();
  EXPECT_EQ(claimOne().attempt, 2);
  EXPECT_THAT(statusesOfRuns(id), ElementsAre(RunStatus::Error, RunStatus::Running));
}

}  // namespace
}  // namespace taskqueue::contract
