// Pausing queues and handlers, and the single reason why a task waits.
#include "tests/contract/contract_test.h"

namespace taskqueue::contract {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class Pausing : public Contract {
 protected:
  bool pause(PauseKind kind, const std::string& name) {
    return store().handlers.setPaused(kind, name, true, -1);
  }
  bool resume(PauseKind kind, const std::string& name) {
    return store().handlers.setPaused(kind, name, false, -1);
  }
  std::string reasonOf(int id) {
    const auto reason = findWaitReason(store().tasks.findWaitFacts(id).value());
    return reason ? reason->code : "";
  }
};
INSTANTIATE_TEST_SUITE_P(Stores, Pausing, bothStores(), nameOf);

TEST_P(Pausing, NothingOfAPausedQueueIsClaimedUntilItIsResumed) {
  const int id = add();
  EXPECT_TRUE(pause(PauseKind::Queue, "default"));
  EXPECT_FALSE(pause(PauseKind::Queue, "default"));
  EXPECT_THAT(claim(), IsEmpty());
  EXPECT_EQ(reasonOf(id), "queue_paused");
  EXPECT_TRUE(resume(PauseKind::Queue, "default"));
  EXPECT_FALSE(resume(PauseKind::Queue, "default"));
  EXPECT_THAT(claimedTasks(), ElementsAre(id));
}

TEST_P(Pausing, APauseOfAllQueuesHoldsEachTaskAndNamesItsReason) {
  const int id = add();
  add({.taskHandlerClass = "Echo", .queue = "other"});
  SyncRequest request = syncOf(runner(), 10);
  request.queues = {"other", "default"};
  EXPECT_TRUE(store().handlers.setPaused(PauseKind::All, "", true, 7, {.reason = "deployment"}));
  EXPECT_THAT(store().runners.sync(request).claimed, IsEmpty());
  EXPECT_EQ(reasonOf(id), "all_paused");
  const auto found = store().handlers.findPauses();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].kind, PauseKind::All);
  EXPECT_EQ(found[0].terms.reason, "deployment");
  EXPECT_EQ(found[0].pausedById, 7);
  request.named = {id};
  EXPECT_THAT(store().runners.sync(request).claimed, IsEmpty()) << "named, too";
  request.named.clear();
  EXPECT_TRUE(resume(PauseKind::All, ""));
  EXPECT_EQ(store().runners.sync(request).claimed.size(), 2U);
}

TEST_P(Pausing, APauseEndsByItselfAtItsTime) {
  const int id = add();
  const int parked = add({.taskHandlerClass = "Import"});
  const int runnerId = addRunner({"Echo", "Import"});
  const PauseTerms terms{.reason = "", .pausedUntil = store().clock.now() + 60};
  store().handlers.setPaused(PauseKind::Queue, "default", true, -1, terms);
  store().handlers.setPaused(PauseKind::All, "", true, -1, terms);
  store().handlers.setPaused(PauseKind::Handler, "Import", true, -1, terms);
  const auto claimNow = [&] {
    std::vector<int> ids;
    for (const ClaimedRun& run : store().runners.sync(syncOf(runnerId, 10, {"Echo", "Import"})).claimed)
      ids.push_back(run.task.id);
    return ids;
  };
  world().advance(std::chrono::seconds(59));
  EXPECT_EQ(store().handlers.endPauses(), 0);
  EXPECT_THAT(claimNow(), IsEmpty());
  world().advance(std::chrono::seconds(1));
  EXPECT_THAT(store().handlers.findPauses(), IsEmpty());
  EXPECT_THAT(claimNow(), UnorderedElementsAre(id, parked)) << "queues do not wait for the overseer";
  EXPECT_EQ(store().handlers.endPauses(), 3);
  EXPECT_EQ(store().handlers.endPauses(), 0);
}

TEST_P(Pausing, TasksParkedForAPauseWaitAgainWhenItsEndIsNoticed) {
  const int parked = add({.taskHandlerClass = "Import"});
  const int runnerId = addRunner({"Echo", "Import"});
  store().handlers.setPaused(PauseKind::Handler, "Import", true, -1,
                             {.reason = "", .pausedUntil = store().clock.now() + 60});
  store().runners.sync(syncOf(runnerId, 10, {"Echo", "Import"}));
  ASSERT_THAT(task(parked).parkedReason, HasSubstr("paused"));
  world().advance(std::chrono::seconds(60));
  EXPECT_EQ(store().handlers.endPauses(), 1);
  EXPECT_EQ(store().runners.sync(syncOf(runnerId, 10, {"Echo", "Import"})).claimed.size(), 1U);
}

TEST_P(Pausing, OtherTermsReplaceAPauseAndTheSameDoNot) {
  const PauseTerms hour{.reason = "deployment", .pausedUntil = store().clock.now() + 3600};
  EXPECT_TRUE(store().handlers.setPaused(PauseKind::Queue, "default", true, -1, hour));
  EXPECT_FALSE(store().handlers.setPaused(PauseKind::Queue, "default", true, -1, hour));
  EXPECT_TRUE(pause(PauseKind::Queue, "default"));
  world().advance(std::chrono::seconds(3600));
  EXPECT_EQ(store().handlers.endPauses(), 0) << "it has no end any more";
  EXPECT_EQ(store().handlers.findPauses().size(), 1U);
}

TEST_P(Pausing, OtherQueuesGoOn) {
  pause(PauseKind::Queue, "other");
  const int id = add();
  add({.taskHandlerClass = "Echo", .queue = "other"});
  SyncRequest request = syncOf(runner(), 10);
  request.queues = {"other", "default"};
  const auto claimed = store().runners.sync(request).claimed;
  ASSERT_EQ(claimed.size(), 1U);
  EXPECT_EQ(claimed[0].task.id, id);
}

TEST_P(Pausing, TasksOfAPausedHandlerStandAsideForOthersAndGoOnWhenItIsResumed) {
  const int runner = addRunner({"Echo", "Import"});
  const int paused = add({.taskHandlerClass = "Import"});
  const int other = add();
  pause(PauseKind::Handler, "Import");
  const auto claimNow = [&] {
    std::vector<int> ids;
    for (int turn = 0; turn < 2; ++turn) {  // the first turn may only defer tasks
      for (const ClaimedRun& run : store().runners.sync(syncOf(runner, 1, {"Echo", "Import"})).claimed)
        ids.push_back(run.task.id);
    }
    return ids;
  };
  EXPECT_THAT(claimNow(), ElementsAre(other));
  EXPECT_THAT(task(paused).parkedReason, HasSubstr("paused"));
  EXPECT_EQ(reasonOf(paused), "handler_paused");
  resume(PauseKind::Handler, "Import");
  EXPECT_THAT(claimNow(), ElementsAre(paused));
}

TEST_P(Pausing, ARunUnderWayIsNotTouched) {
  const int id = add();
  const ClaimedRun mine = claimOne();
  pause(PauseKind::Queue, "default");
  pause(PauseKind::Handler, "Echo");
  finish(mine, RunStatus::Success);
  EXPECT_EQ(task(id).lastStatus, RunStatus::Success);
}

TEST_P(Pausing, WhatIsPausedIsListed) {
  pause(PauseKind::Queue, "b");
  pause(PauseKind::Handler, "A");
  const auto found = store().handlers.findPauses();
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].kind, PauseKind::Handler);
  EXPECT_EQ(found[1].name, "b");
  EXPECT_EQ(found[1].pausedOn, store().clock.now());
  EXPECT_EQ(found[1].pausedById, -1);
}

TEST_P(Pausing, EachReasonToWaitIsTold) {
  const int early = add();
  EXPECT_EQ(reasonOf(early), "no_runner");
  const int runnerId = runner();
  EXPECT_EQ(reasonOf(early), "next");
  EXPECT_EQ(reasonOf(add({.taskHandlerClass = "Echo", .scheduledOn = store().clock.now() + 100})), "not_due");
  EXPECT_EQ(reasonOf(add({.taskHandlerClass = "Echo", .queue = "elsewhere"})), "no_runner_of_queue");
  EXPECT_EQ(reasonOf(add({.taskHandlerClass = "Unknown"})), "no_handler");
  const ClaimedRun mine = claimOne();
  EXPECT_EQ(reasonOf(mine.task.id), "");
  EXPECT_EQ(store().tasks.findWaitFacts(mine.task.id)->slotsTaken, 1);
  RunEnd end = endOf(mine, RunStatus::Error);
  end.retryDelaySeconds = 30;
  finish(end);
  EXPECT_EQ(reasonOf(mine.task.id), "retry_delay");
  store().tasks.cancelTask(mine.task.id);
  EXPECT_EQ(reasonOf(mine.task.id), "");
  EXPECT_FALSE(store().tasks.findWaitFacts(4711));
  (void)runnerId;
}

TEST_P(Pausing, NoMoreTasksOfAHandlerRunAtOnceThanItsLimit) {
  store().handlers.setHandlerLimit("Echo", 2, 0, -1);
  EXPECT_EQ(store().handlers.findHandlers().size(), 0U);
  std::vector<int> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(add());
  const auto first = claim(10);
  ASSERT_EQ(first.size(), 2U);
  EXPECT_EQ(store().handlers.findHandlers().at(0).settings.maxRunning, 2);
  EXPECT_THAT(claim(10), IsEmpty());
  EXPECT_EQ(reasonOf(ids[4]), "handler_limit");
  const int other = addRunner();
  EXPECT_THAT(store().runners.sync(syncOf(other, 10)).claimed, IsEmpty());
  finish(first[0], RunStatus::Success);
  EXPECT_THAT(claimedTasks(), ElementsAre(ids[2]));
  store().runners.timeOutRunner(runner(), {.retry = {.delay = 60s}});  // a dead runner occupies no slot
  EXPECT_EQ(store().runners.sync(syncOf(other, 10)).claimed.size(), 2U);
}

TEST_P(Pausing, ALimitDoesNotHoldUpOtherHandlers) {
  const int runnerId = addRunner({"Echo", "Import"});
  store().handlers.setHandlerLimit("Import", 1, 0, -1);
  for (int i = 0; i < 3; ++i) add({.taskHandlerClass = "Import"});
  const int other = add();
  std::vector<int> claimed;
  for (int turn = 0; turn < 3; ++turn) {
    for (const ClaimedRun& run : store().runners.sync(syncOf(runnerId, 2, {"Echo", "Import"})).claimed) {
      claimed.push_back(run.task.id);
    }
  }
  EXPECT_EQ(claimed.size(), 2U);
  EXPECT_EQ(claimed.back(), other);
}

TEST_P(Pausing, WithoutItsLimitEverythingRuns) {
  store().handlers.setHandlerLimit("Echo", 1, 0, -1);
  for (int i = 0; i < 3; ++i) add();
  EXPECT_EQ(claim(10).size(), 1U);
  store().handlers.setHandlerLimit("Echo", 0, 0, -1);
  EXPECT_EQ(claim(10).size(), 2U);
}

TEST_P(Pausing, ATaskWaitsForASlotWhenAllAreTaken) {
  runner();
  const int slots = store().runners.findRunners(true, 10).at(0).slots;
  for (int i = 0; i < slots; ++i) add();
  claim(slots);
  EXPECT_EQ(reasonOf(add()), "no_free_slot");
}

}  // namespace
}  // namespace taskqueue::contract
