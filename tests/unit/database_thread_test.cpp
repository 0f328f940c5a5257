// The runner's database thread on the fake store: claims, heartbeats, the lease, and its end.
#include <ctime>

#include "tests/unit/database_thread_under_test.h"

namespace taskqueue::runner {
namespace {

using namespace std::chrono_literals;
using test_support::eventually;

TEST_F(DatabaseThreadTest, ClaimsWhatIsDueAndWritesItsEnd) {
  const int id = add();
  DatabaseThread& databaseThread = start();
  databaseThread.finish(successOf(waitForClaim()));
  EXPECT_TRUE(databaseThread.stop(5s));
  EXPECT_EQ(store_.tasks.findTask(id)->lastStatus, RunStatus::Success);
  EXPECT_EQ(store_.tables.runners.at(runner_).runner.status, RunnerStatus::Success);
}

TEST_F(DatabaseThreadTest, AfterAnOutageItSleepsAsBefore) {
  for (int i = 0; i < 2; ++i) add();
  DatabaseThread& databaseThread = start();
  EXPECT_TRUE(eventually([&] { return claimedCount() == 2; }, 5s));
  runners_.away = true;
  databaseThread.finish(successOf(claimed_.at(0)));
  EXPECT_TRUE(eventually([&] { return kept_ == 1; }, 5s));
  databaseThread.finish(successOf(claimed_.at(1)));  // just before the database recovers
  runners_.away = false;
  EXPECT_TRUE(eventually([&] { return kept_ == 0; }, 10s));
  std::clock_t before = std::clock();
  std::this_thread::sleep_for(300ms);
  EXPECT_LT(std::clock() - before, CLOCKS_PER_SEC / 5);
  EXPECT_TRUE(databaseThread.stop(10s));
}

// Only the worker's end tells that a run is over; until then this runner keeps the run.
TEST_F(DatabaseThreadTest, WhatIsActiveWhenTheLeaseIsLostIsReleasedByItsOwnerAlone) {
  const int id = add();
  DatabaseThread& databaseThread = start(/*lease=*/3s);
  const ClaimedRun run = waitForClaim();
  databaseThread.stopClaiming();
  runners_.away = true;
  EXPECT_TRUE(eventually([&] { return leaseLost_.load(); }, 10s));
  runners_.away = false;
  EXPECT_TRUE(eventually([&] { return databaseThread.acceptsLiveUpdates(); }, 10s));
  awaitHeartbeats(5);
  EXPECT_EQ(statusSeen(id), RunStatus::Running);
  databaseThread.release({run.owned, 0});
  EXPECT_TRUE(eventually([&] { return statusSeen(id) == RunStatus::Scheduled; }, 5s));
  EXPECT_TRUE(databaseThread.stop(5s));
}

TEST_F(DatabaseThreadTest, AClaimWhoseAnswerWasLostIsReleasedAndClaimedAgain) {
  const int id = add();
  runners_.loseNextAnswer = true;
  DatabaseThread& databaseThread = start();
  const ClaimedRun run = waitForClaim();
  EXPECT_EQ(run.owned.taskQueueId, id);
  databaseThread.finish(successOf(run));
  EXPECT_TRUE(databaseThread.stop(5s));
  EXPECT_EQ(store_.tasks.runsOfTask(id).size(), 1U);
  EXPECT_EQ(store_.tasks.findTask(id)->lastStatus, RunStatus::Success);
}

// The runner may hold more runs than it now wants. The sync once requested a negative number, which told the
// loop that nothing is due. A standalone runner then ended, and others polled more slowly.
TEST_F(DatabaseThreadTest, WhoHasMoreActiveThanItWantsClaimsNothing) {
  const int id = add();
  DatabaseThread& databaseThread = start();
  const ClaimedRun run = waitForClaim();
  databaseThread.addFreeSlots(-100);
  databaseThread.wake();
  databaseThread.finish(successOf(run));
  EXPECT_TRUE(eventually([&] { return statusSeen(id) == RunStatus::Success; }, 5s));
  databaseThread.stop(5s);
  EXPECT_EQ(runners_.leastClaimLimit, 0);
}

TEST_F(DatabaseThreadTest, WhatIsActiveAtTheEndIsReleased) {
  const int id = add();
  DatabaseThread& databaseThread = start();
  waitForClaim();
  EXPECT_TRUE(databaseThread.stop(5s));
  EXPECT_EQ(store_.tasks.findTask(id)->lastStatus, RunStatus::Scheduled);
  EXPECT_EQ(store_.tasks.runsOfTask(id).at(0).status, RunStatus::Scheduled);
}

TEST_F(DatabaseThreadTest, ALeaseThatCannotBeRenewedIsLostBeforeItEnds) {
  constexpr auto kLease = 9s;  // a third of it is spare time for a slow machine
  start(kLease);
  runners_.away = true;
  const auto since = std::chrono::steady_clock::now();
  EXPECT_TRUE(eventually([&] { return leaseLost_.load(); }, 10s));
  EXPECT_LT(std::chrono::steady_clock::now() - since, kLease);
}

TEST_F(DatabaseThreadTest, ALoopThatStandsStillGetsNoHeartbeatsAndNoRunsUntilItTurnsAgain) {
  constexpr auto kLease = 9s;
  loopTurns_ = false;
  start(kLease);
  awaitHeartbeats(1);
  const auto sinceHeartbeat = [&] {
    return std::chrono::steady_clock::now() - runners_.lastHeartbeat.load();
  };
  EXPECT_TRUE(eventually([&] { return sinceHeartbeat() > 1s; }, kLease)) << "heartbeats went on";
  EXPECT_FALSE(loopStandsStill_);
  {
    const std::lock_guard lock(runners_.mutex);
    add();
  }
  std::this_thread::sleep_for(50ms);
  EXPECT_EQ(claimedCount(), 0U);
  const int before = runners_.heartbeats;
  loopTurns_ = true;
  EXPECT_TRUE(eventually([&] { return runners_.heartbeats > before && claimedCount() == 1; }, 5s));
  EXPECT_FALSE(loopStandsStill_);
  EXPECT_FALSE(leaseLost_);
}

TEST_F(DatabaseThreadTest, ALoopThatStandsStillUntilTheLeaseIsAboutToEndIsToldInItsPlace) {
  constexpr auto kLease = 9s;
  loopTurns_ = false;
  start(kLease);
  EXPECT_TRUE(eventually([&] { return loopStandsStill_.load(); }, 2 * kLease));
  EXPECT_LT(std::chrono::steady_clock::now() - runners_.lastHeartbeat.load(), kLease)
      << "a peer may have its runs";
  EXPECT_FALSE(leaseLost_) << "nobody would hear it";
}

TEST_F(DatabaseThreadTest, AWishToDrainAndOneToStopAreToldApart) {
  start();
  {
    const std::lock_guard lock(runners_.mutex);
    runners_.requestDrain(runner_);
  }
  EXPECT_TRUE(eventually([&] { return drainRequested_.load(); }, 5s));
  EXPECT_FALSE(stopRequested_);
  {
    const std::lock_guard lock(runners_.mutex);
    runners_.requestStop(runner_);
  }
  EXPECT_TRUE(eventually([&] { return stopRequested_.load(); }, 5s));
}

TEST_F(DatabaseThreadTest, ARunnerWhoseRowWasEndedStopsForGood) {
  runners_.timeOutRunner(runner_, {});
  start();
  EXPECT_TRUE(eventually([&] { return fenced_.load(); }, 5s));
}

TEST_F(DatabaseThreadTest, HeartbeatsComeFiveTimesAsOftenOnceARunIsActive) {
  start();
  awaitHeartbeats(1);
  EXPECT_GE(awaitHeartbeats(5), 80ms) << "while idle they are five times 20 ms apart";
  {
    const std::lock_guard lock(runners_.mutex);
    add();
  }
  waitForClaim();
  // Some heartbeats are late on a loaded machine. Five in a row at less than the idle interval are enough.
  EXPECT_TRUE(eventually([&] { return awaitHeartbeats(5) < 80ms; }, 5s));
}

}  // namespace
}  // namespace taskqueue::runner
