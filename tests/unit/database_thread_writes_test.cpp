// What ended is written once, however the database fails, refuses or locks.
#include "tests/unit/database_thread_under_test.h"

namespace taskqueue::runner {
namespace {

using namespace std::chrono_literals;
using test_support::eventually;

TEST_F(DatabaseThreadTest, ARowThatSomebodyHasLockedHoldsUpNothingElse) {
  const std::vector<int> ids{add(), add(), add()};
  DatabaseThread& databaseThread = start();
  ASSERT_TRUE(eventually([&] { return claimedCount() == 3; }, 5s));
  runners_.lockedTask = ids[0];
  for (const ClaimedRun& run : claimed_) databaseThread.finish(successOf(run));
  EXPECT_TRUE(eventually([&] { return statusSeen(ids[1]) == RunStatus::Success; }, 5s));
  EXPECT_TRUE(eventually([&] { return statusSeen(ids[2]) == RunStatus::Success; }, 5s));
  int later = 0;
  {
    const std::lock_guard lock(runners_.mutex);
    later = add();
  }
  databaseThread.wake();
  EXPECT_TRUE(eventually([&] { return statusSeen(later) == RunStatus::Running; }, 5s));
  EXPECT_EQ(statusSeen(ids[0]), RunStatus::Running);
  EXPECT_FALSE(leaseLost_);
  runners_.lockedTask = 0;
  EXPECT_TRUE(eventually([&] { return statusSeen(ids[0]) == RunStatus::Success; }, 10s));
}

TEST_F(DatabaseThreadTest, LiveOutputThatHasNoRoomHoldsUpNothingElse) {
  const int id = add();
  DatabaseThread& databaseThread = start();
  const ClaimedRun run = waitForClaim();
  runners_.noRoomForOutput = true;
  std::atomic<bool> over = false;
  std::thread writer([&] {
    while (!over) {
      databaseThread.addOutput({.owned = run.owned, .content = "x"});
      std::this_thread::sleep_for(1ms);
    }
  });
  for (int i = 0; i < 3; ++i) {
    int later = 0;
    {
      const std::lock_guard lock(runners_.mutex);
      later = add();
    }
    databaseThread.wake();
    EXPECT_TRUE(eventually([&] { return statusSeen(later) == RunStatus::Running; }, 5s));
  }
  databaseThread.finish(successOf(run));
  EXPECT_TRUE(eventually([&] { return statusSeen(id) == RunStatus::Success; }, 5s));
  over = true;
  writer.join();
}

TEST_F(DatabaseThreadTest, ItsHeartbeatSaysHowManyEndsWaitToBeWrittenAndForHowLong) {
  const std::vector<int> ids{add(), add()};
  DatabaseThread& databaseThread = start();
  ASSERT_TRUE(eventually([&] { return claimedCount() == 2; }, 5s));
  const auto said = [&] {
    const std::lock_guard lock(runners_.mutex);
    const Runner& runner = store_.tables.runners.at(runner_).runner;
    return std::pair(runner.unwrittenRuns, runner.unwrittenSeconds);
  };
  runners_.lockedTask = ids[0];
  for (const ClaimedRun& run : claimed_) databaseThread.finish(successOf(run));
  EXPECT_TRUE(eventually([&] { return said().first == 1 && said().second >= 1; }, 10s));
  EXPECT_EQ(statusSeen(ids[1]), RunStatus::Success);
  runners_.lockedTask = 0;
  EXPECT_TRUE(eventually([&] { return said() == std::pair(0, std::int64_t{0}); }, 10s));
}

TEST_F(DatabaseThreadTest, WhatEndsWhileTheDatabaseIsAwayIsWrittenWhenItIsBack) {
  const int id = add();
  DatabaseThread& databaseThread = start();
  const ClaimedRun run = waitForClaim();
  runners_.away = true;
  databaseThread.finish(successOf(run));
  EXPECT_TRUE(eventually([&] { return !databaseThread.acceptsLiveUpdates(); }, 5s));
  runners_.away = false;
  EXPECT_TRUE(databaseThread.stop(10s));
  EXPECT_EQ(store_.tasks.findTask(id)->lastStatus, RunStatus::Success);
}

TEST_F(DatabaseThreadTest, WhatEndsWhileTheDatabaseIsAwayIsKeptOnDiskOnceAndPrunedWhenItIsWritten) {
  add();
  add();
  DatabaseThread& databaseThread = start();
  EXPECT_TRUE(eventually([&] { return claimedCount() == 2; }, 5s));
  runners_.away = true;
  databaseThread.finish(successOf(claimed_.at(0)));
  EXPECT_TRUE(eventually([&] { return kept_ == 1; }, 5s));
  databaseThread.finish(successOf(claimed_.at(1)));  // while the database thread backs off
  EXPECT_TRUE(eventually([&] { return kept_ == 2; }, 5s));
  runners_.away = false;
  EXPECT_TRUE(eventually([&] { return kept_ == 0; }, 10s));
  EXPECT_TRUE(databaseThread.stop(10s));
}

TEST_F(DatabaseThreadTest, WhatCannotBeKeptOnDiskIsTriedAgain) {
  add();
  DatabaseThread& databaseThread = start();
  const ClaimedRun run = waitForClaim();
  diskIsFull_ = true;
  runners_.away = true;
  databaseThread.finish(successOf(run));
  EXPECT_TRUE(eventually([&] { return !databaseThread.acceptsLiveUpdates(); }, 5s));
  diskIsFull_ = false;
  EXPECT_TRUE(eventually([&] { return kept_ == 1; }, 10s));
  runners_.away = false;
  EXPECT_TRUE(databaseThread.stop(10s));
}

TEST_F(DatabaseThreadTest, AnEndWhoseAnswerWasLostIsWrittenOnce) {
  const int id = add();
  DatabaseThread& databaseThread = start();
  const ClaimedRun run = waitForClaim();
  databaseThread.stopClaiming();
  runners_.loseNextAnswer = true;
  RunEnd end = successOf(run);
  end.status = RunStatus::Error;
  databaseThread.finish(std::move(end));
  EXPECT_TRUE(eventually([&] { return !runners_.loseNextAnswer; }, 5s));
  EXPECT_TRUE(databaseThread.stop(10s));
  EXPECT_EQ(store_.tasks.findTask(id)->taskRunsFailed, 1);
}

TEST_F(DatabaseThreadTest, WhatTheDatabaseRefusesOfOneRunDoesNotTakeTheOthersAlong) {
  std::vector<int> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(add());
  DatabaseThread& databaseThread = start();
  ASSERT_TRUE(eventually([&] { return claimedCount() == 5; }, 5s));
  runners_.away = true;  // all ends are then written together
  for (const ClaimedRun& run : claimed_) {
    RunEnd end = successOf(run);
    if (run.task.id == ids[2]) end.progressNote = "refused";
    databaseThread.finish(std::move(end));
  }
  runners_.away = false;
  EXPECT_TRUE(databaseThread.stop(10s));
  for (const int id : ids) {
    const auto expected = id == ids[2] ? RunStatus::Error : RunStatus::Success;
    EXPECT_EQ(store_.tasks.findTask(id)->lastStatus, expected) << id;
  }
  EXPECT_EQ(store_.tasks.runsOfTask(ids[2]).at(0).errorCode, "unwritable");
}

TEST_F(DatabaseThreadTest, AClaimThatIsRefusedIsNotBlamedOnARunThatEnds) {
  const int id = add();
  DatabaseThread& databaseThread = start();
  const ClaimedRun run = waitForClaim();
  runners_.refuseClaims = true;
  expectBroken_ = true;
  databaseThread.finish(successOf(run));
  EXPECT_TRUE(eventually([&] { return broken_.load(); }, 5s));
  databaseThread.stop(0ms);
  EXPECT_EQ(store_.tasks.findTask(id)->lastStatus, RunStatus::Success);
}

TEST_F(DatabaseThreadTest, TheEndIsToldToBeUnwrittenWhenTheDatabaseStaysAway) {
  add();
  DatabaseThread& databaseThread = start();
  databaseThread.finish(successOf(waitForClaim()));
  runners_.away = true;
  EXPECT_FALSE(databaseThread.stop(50ms));
}

}  // namespace
}  // namespace taskqueue::runner
