// Claims of tasks that a wake-up named. Anyone who may write to the socket can name any task.
#include "tests/contract/contract_test.h"

namespace taskqueue::contract {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class NamedClaim : public Contract {
 protected:
  SyncResult claimNamed(std::vector<int> ids, int limit = 10) {
    SyncRequest request = syncOf(runner(), limit);
    request.named = std::move(ids);
    return store().runners.sync(request);
  }
  void expectUntouched(int id, bool needsLook) {
    const Task before = task(id);
    const SyncResult result = claimNamed({id});
    EXPECT_THAT(result.claimed, IsEmpty());
    EXPECT_EQ(result.needsLook, needsLook);
    EXPECT_EQ(task(id).nextRunOn, before.nextRunOn);
    EXPECT_EQ(task(id).parkedReason, before.parkedReason);
    EXPECT_EQ(task(id).lastStatus, before.lastStatus);
  }
  // A task of this runner that cannot be claimed by its name: a look must judge it.
  void expectLeftToALook(int id) { expectUntouched(id, true); }
};
INSTANTIATE_TEST_SUITE_P(Stores, NamedClaim, bothStores(), nameOf);

TEST_P(NamedClaim, OpensTheRunsOfTheNamedTasksAndOfNoOthers) {
  const int first = add();
  const int second = add();
  const int third = add({.taskHandlerClass = "Echo", .taskData = R"({"a":1})"});
  const SyncResult result = claimNamed({third, first, third});
  ASSERT_EQ(result.claimed.size(), 2U);
  EXPECT_FALSE(result.needsLook);
  EXPECT_EQ(result.claimed[0].owned.taskQueueId, first);
  EXPECT_EQ(result.claimed[1].owned.taskQueueId, third);
  EXPECT_EQ(result.claimed[1].task.taskData, R"({"a":1})");
  EXPECT_EQ(run(result.claimed[1].owned.runId).status, RunStatus::Running);
  EXPECT_EQ(run(result.claimed[1].owned.runId).taskRunnerId, runner());
  EXPECT_EQ(task(third).lastStatus, RunStatus::Running);
  EXPECT_EQ(task(third).nextRunOn, std::nullopt);
  EXPECT_EQ(task(second).lastStatus, RunStatus::Scheduled);
  EXPECT_THAT(claimedTasks(), ElementsAre(second));
}

TEST_P(NamedClaim, ATaskIsClaimedOnce) {
  const int id = add();
  EXPECT_EQ(claimNamed({id}).claimed.size(), 1U);
  const SyncResult again = claimNamed({id});
  EXPECT_THAT(again.claimed, IsEmpty());
  EXPECT_FALSE(again.needsLook);
  EXPECT_EQ(store().tasks.runsOfTask(id).size(), 1U);
}

TEST_P(NamedClaim, AnIdWithoutATaskIsIgnored) {
  const SyncResult result = claimNamed({1'000'000});
  EXPECT_THAT(result.claimed, IsEmpty());
  EXPECT_FALSE(result.needsLook);
}

TEST_P(NamedClaim, TakesNoMoreThanThereIsRoomFor) {
  const int first = add();
  const int second = add();
  const SyncResult result = claimNamed({first, second}, 1);
  EXPECT_EQ(result.claimed.size(), 1U);
  EXPECT_TRUE(result.needsLook);
}

TEST_P(NamedClaim, WhatIsNotDueWaits) {
  expectUntouched(add({.taskHandlerClass = "Echo", .scheduledOn = store().clock.now() + 100}), false);
}

TEST_P(NamedClaim, ATaskOfAnotherQueueIsLeft) {
  expectUntouched(add({.taskHandlerClass = "Echo", .queue = "elsewhere"}), false);
}

TEST_P(NamedClaim, ATaskOfAPausedQueueIsLeft) {
  const int id = add();
  store().handlers.setPaused(PauseKind::Queue, "default", true, 0);
  expectLeftToALook(id);
}

TEST_P(NamedClaim, ATaskOfAPausedHandlerIsLeft) {
  const int id = add();
  store().handlers.setPaused(PauseKind::Handler, "Echo", true, 0);
  expectLeftToALook(id);
}

TEST_P(NamedClaim, ATaskWithALimitIsLeft) {
  const int id = add();
  store().handlers.setHandlerLimit("Echo", 5, std::nullopt, 0);
  expectLeftToALook(id);
}

TEST_P(NamedClaim, ATaskOfAnUnknownHandlerIsLeft) {
  expectUntouched(add({.taskHandlerClass = "Unknown"}), false);
}

TEST_P(NamedClaim, ACancelledTaskIsNotRun) {
  const int id = add();
  store().tasks.cancelTask(id);
  EXPECT_THAT(claimNamed({id}).claimed, IsEmpty());
  EXPECT_EQ(task(id).lastStatus, RunStatus::Cancelled);
}

TEST_P(NamedClaim, ARunnerThatHasEndedClaimsNothing) {
  const int id = add();
  store().runners.endRunner(runner());
  EXPECT_THAT(claimNamed({id}).claimed, IsEmpty());
  EXPECT_EQ(task(id).lastStatus, RunStatus::Scheduled);
}

TEST_P(NamedClaim, TheNewestTaskIsToldByItsId) {
  const auto before = store().runners.newestTask();
  const int id = add();
  EXPECT_NE(store().runners.newestTask(), before);
  EXPECT_EQ(store().runners.newestTask(), id);
}

}  // namespace
}  // namespace taskqueue::contract
