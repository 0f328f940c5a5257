// Unique keys with their modes, limits per key, and a handler's settings for its tasks.
#include <gmock/gmock.h>

#include "tests/contract/contract_test.h"

namespace taskqueue::contract {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Keys : public Contract {
 protected:
  AddedTask addKeyed(UniqueMode mode, int seconds = 0, const std::string& data = "{}") {
    NewTask task = keyed("k");
    task.uniqueMode = mode;
    task.uniqueSeconds = seconds;
    task.taskData = data;
    return store().tasks.insertTasks(std::span(&task, 1), std::nullopt).tasks.at(0);
  }
  int addLimited(const std::string& key) { return add({.taskHandlerClass = "Echo", .concurrencyKey = key}); }
  std::string reasonOf(int taskId) {
    const auto reason = findWaitReason(store().tasks.findWaitFacts(taskId).value());
    return reason ? reason->code : "";
  }
  int addRunnerWith(const HandlerSettings& settings) {
    NewRunner made;
    made.identity.processId = ++processes_;
    made.queues = {"default"};
    made.slots = 100;
    const std::vector<HandlerDeclaration> handlers{
        {.taskHandlerClass = "Echo", .kind = "cpp", .settings = settings}};
    return store().runners.registerRunner(made, handlers);
  }

 private:
  int processes_ = 5000;
};
INSTANTIATE_TEST_SUITE_P(Stores, Keys, bothStores(), nameOf);

TEST_P(Keys, AWaitingTaskGivesWayToTheOneThatReplacesIt) {
  const AddedTask first = addKeyed(UniqueMode::Keep);
  const AddedTask second = addKeyed(UniqueMode::Replace, 0, R"({"n":2})");
  EXPECT_TRUE(second.created);
  EXPECT_EQ(second.replacedId, first.id);
  EXPECT_EQ(task(first.id).lastStatus, RunStatus::Cancelled);
  EXPECT_THAT(claimedTasks(), ElementsAre(second.id));
}

TEST_P(Keys, TheRunThatTheOverseerHadMadeForItIsCancelledToo) {
  const AddedTask first = addKeyed(UniqueMode::Keep);
  ASSERT_TRUE(store().maintenance.createRunIfAllowed(first.id));
  addKeyed(UniqueMode::Replace);
  EXPECT_THAT(statusesOfRuns(first.id), ElementsAre(RunStatus::Cancelled));
}

TEST_P(Keys, ARunningTaskGoesOnButIsNotTriedAgain) {
  const AddedTask first = addKeyed(UniqueMode::Keep);
  const ClaimedRun running = claimOne();
  const AddedTask second = addKeyed(UniqueMode::Replace);
  EXPECT_TRUE(second.created);
  EXPECT_EQ(second.replacedId, first.id);
  EXPECT_EQ(task(first.id).lastStatus, RunStatus::Running);
  finish(running, RunStatus::Error);
  EXPECT_FALSE(task(first.id).nextRunOn);
  EXPECT_EQ(task(first.id).lastStatus, RunStatus::Error);
  EXPECT_THAT(claimedTasks(), ElementsAre(second.id));
}

TEST_P(Keys, AReplacedTaskThatIsReleasedIsNotClaimedAgain) {
  const AddedTask first = addKeyed(UniqueMode::Keep);
  const ClaimedRun running = claimOne();
  const AddedTask second = addKeyed(UniqueMode::Replace);
  release(running);
  EXPECT_THAT(claimedTasks(), ElementsAre(second.id));
  EXPECT_EQ(task(first.id).lastStatus, RunStatus::Cancelled);
}

TEST_P(Keys, ARetryByHandTakesTheKeyBackOnlyWhenItIsFree) {
  const AddedTask first = addKeyed(UniqueMode::Keep);
  const AddedTask second = addKeyed(UniqueMode::Replace);
  EXPECT_EQ(store().tasks.retryTask(first.id), RetryOutcome::KeyTaken);
  store().tasks.cancelTask(second.id);
  EXPECT_EQ(store().tasks.retryTask(first.id), RetryOutcome::Scheduled);
  EXPECT_EQ(addKeyed(UniqueMode::Keep).id, first.id);
}

TEST_P(Keys, ARetryByHandTakesTheKeyOfAWindowThatIsOver) {
  const AddedTask first = addKeyed(UniqueMode::Keep);
  const AddedTask second = addKeyed(UniqueMode::Replace);
  EXPECT_TRUE(second.created);
  store().tasks.cancelTask(second.id);
  const AddedTask once = addKeyed(UniqueMode::Window, 60);
  finish(claimOne(), RunStatus::Success);
  EXPECT_EQ(store().tasks.retryTask(first.id), RetryOutcome::KeyTaken);
  world().advance(61s);
  EXPECT_EQ(store().tasks.retryTask(first.id), RetryOutcome::Scheduled);
  EXPECT_EQ(task(once.id).lastStatus, RunStatus::Success);
  EXPECT_EQ(addKeyed(UniqueMode::Keep).id, first.id);
}

TEST_P(Keys, ALimitThatIsNotGivenStaysAsItIs) {
  store().handlers.setHandlerLimit("Echo", 5, 1, -1);
  store().handlers.setHandlerLimit("Echo", 0, std::nullopt, -1);
  addLimited("a");
  addLimited("a");
  EXPECT_EQ(claim().size(), 1U);
  store().handlers.setHandlerLimit("Echo", 0, 0, -1);
  EXPECT_EQ(claim().size(), 1U);
}

TEST_P(Keys, KeysThatDifferInCaseOrAccentsHaveLimitsOfTheirOwn) {
  store().handlers.setHandlerLimit("Echo", 0, 1, -1);
  addLimited("Zürich");
  addLimited("zurich");
  const int third = addLimited("Zürich");
  const int fourth = addLimited("zurich");
  const auto first = claim();
  ASSERT_EQ(first.size(), 2U);
  finish(first[1], RunStatus::Success);
  EXPECT_THAT(claimedTasks(), ElementsAre(fourth));
  finish(first[0], RunStatus::Success);
  EXPECT_THAT(claimedTasks(), ElementsAre(third));
}

TEST_P(Keys, AWindowOutlastsTheSuccess) {
  const AddedTask first = addKeyed(UniqueMode::Window, 60);
  EXPECT_EQ(addKeyed(UniqueMode::Keep).id, first.id);
  finish(claimOne(), RunStatus::Success);
  EXPECT_EQ(addKeyed(UniqueMode::Keep).id, first.id);
  EXPECT_FALSE(addKeyed(UniqueMode::Window, 60).created);
  world().advance(61s);
  const AddedTask next = addKeyed(UniqueMode::Window, 60);
  EXPECT_TRUE(next.created);
  EXPECT_FALSE(next.replacedId);
  EXPECT_EQ(task(first.id).lastStatus, RunStatus::Success);
}

TEST_P(Keys, AWindowEndsWithAFailureOrACancel) {
  addKeyed(UniqueMode::Window, 60);
  RunEnd end = endOf(claimOne(), RunStatus::Error);
  end.giveUp = true;
  finish(end);
  const AddedTask second = addKeyed(UniqueMode::Window, 60);
  EXPECT_TRUE(second.created);
  store().tasks.cancelTask(second.id);
  EXPECT_TRUE(addKeyed(UniqueMode::Keep).created);
}

TEST_P(Keys, AWindowCanBeReplaced) {
  const AddedTask first = addKeyed(UniqueMode::Window, 60);
  finish(claimOne(), RunStatus::Success);
  const AddedTask second = addKeyed(UniqueMode::Replace);
  EXPECT_TRUE(second.created);
  EXPECT_EQ(task(first.id).lastStatus, RunStatus::Success);
}

TEST_P(Keys, NoMoreTasksOfAKeyRunAtOnceThanMay) {
  store().handlers.setHandlerLimit("Echo", 0, 1, -1);
  const int a1 = addLimited("a");
  const int a2 = addLimited("a");
  const int a3 = addLimited("a");
  const int b1 = addLimited("b");
  const int free = add();
  const auto first = claim();
  ASSERT_EQ(first.size(), 3U);
  EXPECT_EQ(first[0].task.id, a1);
  EXPECT_EQ(first[1].task.id, b1);
  EXPECT_EQ(first[2].task.id, free);
  EXPECT_EQ(reasonOf(a2), "key_limit");
  EXPECT_THAT(claimedTasks(), IsEmpty());
  finish(first[0], RunStatus::Success);
  EXPECT_THAT(claimedTasks(), ElementsAre(a2));
  EXPECT_EQ(reasonOf(a3), "key_limit");
}

TEST_P(Keys, APlaceOfAKeyIsFreeAgainWhateverBecameOfItsRun) {
  store().handlers.setHandlerLimit("Echo", 0, 1, -1);
  const int first = addLimited("a");
  const int second = addLimited("a");
  release(claimOne(), 1000);  // snoozed
  EXPECT_THAT(claimedTasks(), ElementsAre(second));
  const int third = addLimited("a");
  EXPECT_THAT(claimedTasks(), IsEmpty());
  store().runners.timeOutRunner(runner(), {.retry = {.delay = 60s}});
  const int other = addRunner();
  const auto claimed = store().runners.sync(syncOf(other, 10)).claimed;
  ASSERT_EQ(claimed.size(), 1U);
  EXPECT_EQ(claimed[0].task.id, third);
  (void)first;
}

TEST_P(Keys, WhatWaitsForAKeyThatNobodyHoldsIsRepaired) {
  store().handlers.setHandlerLimit("Echo", 0, 1, -1);
  addLimited("a");
  const int second = addLimited("a");
  const ClaimedRun held = claimOne();
  EXPECT_THAT(claimedTasks(), IsEmpty());
  EXPECT_EQ(reasonOf(second), "key_limit");
  leavesHostileRows();
  world().deleteTask(held.owned.taskQueueId);
  EXPECT_THAT(store().maintenance.findInconsistentTasks(10), ElementsAre(second));
  store().maintenance.recountTask(second);
  EXPECT_THAT(claimedTasks(), ElementsAre(second));
}

TEST_P(Keys, ADeclaredLimitHoldsUntilAnAdministratorSetsAnother) {
  const int declaring = addRunnerWith({.maxRunning = 1});
  add();
  add();
  EXPECT_EQ(store().runners.sync(syncOf(declaring, 10)).claimed.size(), 1U);
  store().handlers.setHandlerLimit("Echo", 0, 0, -1);
  EXPECT_EQ(store().runners.sync(syncOf(declaring, 10)).claimed.size(), 1U);
  addRunnerWith({.maxRunning = 1});  // announces it again
  EXPECT_EQ(store().handlers.findHandler("Echo")->settings.maxRunning, 0);
}

TEST_P(Keys, ALimitThatIsNoLongerDeclaredIsPruned) {
  addRunnerWith({.maxRunningPerKey = 1});
  EXPECT_EQ(store().handlers.findHandler("Echo")->settings.maxRunningPerKey, 1);
  addRunnerWith({});
  EXPECT_EQ(store().handlers.findHandler("Echo")->settings.maxRunningPerKey, 0);
}

TEST_P(Keys, ATaskUnderWhichRunnersDieAgainAndAgainIsLeftAlone) {
  const RescuePolicy policy{.retry = {.delay = 0s, .jitter = 0}, .maxRunnerDeaths = 3};
  const int id = add({.taskHandlerClass = "Echo", .maxRetries = 10});
  for (int death = 1; death <= 3; ++death) {
    ASSERT_TRUE(task(id).nextRunOn) << death;
    const int victim = addRunner();
    ASSERT_EQ(store().runners.sync(syncOf(victim, 1)).claimed.size(), 1U);
    store().runners.timeOutRunner(victim, policy);
  }
  EXPECT_FALSE(task(id).nextRunOn);
  EXPECT_EQ(task(id).lastStatus, RunStatus::Timeout);
  EXPECT_EQ(store().tasks.retryTask(id), RetryOutcome::Scheduled);  // it counts from zero again
  const int victim = addRunner();
  ASSERT_EQ(store().runners.sync(syncOf(victim, 1)).claimed.size(), 1U);
  store().runners.timeOutRunner(victim, policy);
  EXPECT_TRUE(task(id).nextRunOn);
}

TEST_P(Keys, AHandlerThatWantsNoTryAfterACrashGetsNone) {
  const int victim = addRunnerWith({.onCrash = OnCrash::Fail});
  const int id = add();
  ASSERT_EQ(store().runners.sync(syncOf(victim, 1)).claimed.size(), 1U);
  store().runners.timeOutRunner(victim, {});
  EXPECT_FALSE(task(id).nextRunOn);
  EXPECT_EQ(task(id).lastStatus, RunStatus::Timeout);
}

TEST_P(Keys, TheDelayAfterADeathIsTheHandlers) {
  const int victim = addRunnerWith({.retryDelaySeconds = 500});
  const int id = add();
  ASSERT_EQ(store().runners.sync(syncOf(victim, 1)).claimed.size(), 1U);
  store().runners.timeOutRunner(victim, {.retry = {.delay = 1s, .jitter = 0}});
  EXPECT_GE(*task(id).nextRunOn, store().clock.now() + 499);
}

TEST_P(Keys, TheDelayAfterADeathIsThatOfTheHandlersList) {
  const int victim = addRunnerWith({.retryDelaySeconds = 1, .retryDelays = {700, 2}});
  const int id = add();
  ASSERT_EQ(store().runners.sync(syncOf(victim, 1)).claimed.size(), 1U);
  store().runners.timeOutRunner(victim, {.retry = {.delay = 1s, .jitter = 0}});
  EXPECT_GE(*task(id).nextRunOn, store().clock.now() + 699);
}

}  // namespace
}  // namespace taskqueue::contract
