// The runner's database thread on the fake store: its promises while the database fails and recovers.
#include "runner/database_thread.h"

#include <gtest/gtest.h>

#include <atomic>
#include <ctime>
#include <mutex>
#include <thread>

#include "tests/support/eventually.h"
#include "tests/support/fake_store.h"

namespace taskqueue::runner {
namespace {

using namespace std::chrono_literals;
using test_support::eventually;

// A database that can be unreachable, even right after it has done a request.
class MoodyRunners : public test_support::FakeRunners {
 public:
  using FakeRunners::FakeRunners;

  std::atomic<bool> away = false;
  std::atomic<bool> loseNextAnswer = false;
  std::atomic<bool> refuseClaims = false;  // from the first reported end on
  std::atomic<bool> noRoomForOutput = false;
  std::atomic<int> lockedTask = 0;       // another session locks its row
  std::atomic<int> leastClaimLimit = 0;  // the smallest limit that was requested
  std::atomic<int> heartbeats = 0;
  std::atomic<std::chrono::steady_clock::time_point> lastHeartbeat;
  bool endSeen = false;
  std::mutex mutex;  // protects what a test reads while the database thread works

  HeartbeatResult heartbeat(int taskRunnerId, const RunnerCondition& condition) override {
    const std::lock_guard lock(mutex);
    throwIfAway();
    lastHeartbeat = std::chrono::steady_clock::now();
    ++heartbeats;
    return FakeRunners::heartbeat(taskRunnerId, condition);
  }
  SyncResult sync(const SyncRequest& request) override {
    const std::lock_guard lock(mutex);
    throwIfAway();
    leastClaimLimit = std::min(leastClaimLimit.load(), request.claimLimit);
    if (noRoomForOutput && !request.output.empty()) throw NoRoomOnServer("the Ids are used up");
    for (const RunEnd& end : request.ends) {
      if (end.owned.taskQueueId == lockedTask) throw StoreError(StoreError::Kind::TryAgain, "lock wait");
      if (end.progressNote == "refused") throw StoreError(StoreError::Kind::Broken, "no such text");
    }
    endSeen = endSeen || !request.ends.empty();
    if (request.claimLimit > 0 && refuseClaims && endSeen) {
      throw StoreError(StoreError::Kind::Broken, "no such number");
    }
    auto result = FakeRunners::sync(request);
    if (loseNextAnswer.exchange(false))
      throw StoreError(StoreError::Kind::Unavailable, "the answer was lost");
    return result;
  }
  void endRunner(int taskRunnerId) override {
    throwIfAway();
    FakeRunners::endRunner(taskRunnerId);
  }

 private:
  void throwIfAway() const {
    if (away) throw StoreError(StoreError::Kind::Unavailable, "the database is away");
  }
};

class DatabaseThreadTest : public ::testing::Test {
 protected:
  ~DatabaseThreadTest() override {
    loop_ = {};
    databaseThread_.reset();
    EXPECT_EQ(broken_, expectBroken_);
  }

  // From here to stop() the store belongs to the database thread.
  DatabaseThread& start(std::chrono::seconds lease = 60s) {
    DatabaseThread::Settings settings{.taskRunnerId = runner_,
                                      .queues = {"default"},
                                      .handlers = {"Echo"},
                                      .heartbeat = 20ms,
                                      .lease = lease,
                                      .peerCheck = 3600s,
                                      .flush = 5ms,
                                      .pollBusy = 1ms,
                                      .pollIdle = 5ms};
    DatabaseThread::Callbacks callbacks;
    callbacks.onClaimed = [this](std::vector<ClaimedRun> runs) {
      const std::lock_guard lock(mutex_);
      for (ClaimedRun& run : runs) claimed_.push_back(std::move(run));
    };
    callbacks.onCancelRequested = [](const std::vector<int>&) {};
    callbacks.onLost = [](const std::vector<int>&) {};
    callbacks.onDrainRequested = [this] { drainRequested_ = true; };
    callbacks.onStopRequested = [this] { stopRequested_ = true; };
    callbacks.onLeaseLost = [this](bool forGood) { (forGood ? fenced_ : leaseLost_) = true; };
    callbacks.onLoopStandsStill = [this] { loopStandsStill_ = true; };
    callbacks.onBroken = [this](const std::string&) { broken_ = true; };
    callbacks.onJournal = [this](std::span<const RunEnd> ends) {
      if (diskIsFull_) return false;
      kept_ += static_cast<int>(ends.size());
      return true;
    };
    callbacks.onAllWritten = [this] { kept_ = 0; };
    databaseThread_ = std::make_unique<DatabaseThread>(runners_, queue_, settings, callbacks);
    databaseThread_->addFreeSlots(10);
    databaseThread_->start();
    loop_ = std::jthread([this](const std::stop_token& end) {
      for (; !end.stop_requested(); std::this_thread::sleep_for(20ms)) {
        if (loopTurns_) databaseThread_->loopTurned();
      }
    });
    return *databaseThread_;
  }

  int add() {
    return store_.tasks.insertTasks(std::vector<NewTask>{{.taskHandlerClass = "Echo"}}, {}).tasks.at(0).id;
  }

  // Waits for this many further heartbeats. Returns the mean interval, as measured in the heartbeat thread.
  std::chrono::steady_clock::duration awaitHeartbeats(int count) {
    const int first = runners_.heartbeats;
    const auto since = runners_.lastHeartbeat.load();
    EXPECT_TRUE(eventually([&] { return runners_.heartbeats >= first + count; }, 5s));
    const int seen = runners_.heartbeats;
    return (runners_.lastHeartbeat.load() - since) / (seen - first);
  }

  Stores roles() {
    return {store_.tasks,     runners_,          store_.maintenance, store_.handlers,
            store_.schedules, store_.statistics, store_.audit,       store_.clock};
  }

  int registerRunner() {
    NewRunner self;
    self.identity = currentProcessIdentity();
    self.queues = {"default"};
    const HandlerDeclaration echo{.taskHandlerClass = "Echo"};
    return runners_.registerRunner(self, std::span(&echo, 1));
  }

  std::size_t claimedCount() {
    const std::lock_guard lock(mutex_);
    return claimed_.size();
  }
  ClaimedRun waitForClaim() {
    EXPECT_TRUE(eventually([&] { return claimedCount() > 0; }, 5s));
    const std::lock_guard lock(mutex_);
    return claimed_.at(0);
  }

  RunStatus statusSeen(int id) {
    const std::lock_guard lock(runners_.mutex);
    return store_.tasks.findTask(id)->lastStatus;
  }

  static RunEnd successOf(const ClaimedRun& run) {
    RunEnd end;
    end.owned = run.owned;
    return end;
  }

  test_support::FakeStore store_;
  MoodyRunners runners_{store_.tables};
  LeaseWatch leaseWatch_{60s};
  TaskQueue queue_{roles(), {}, RescuePolicy{}, leaseWatch_, QueueLimits{}};
  int runner_ = registerRunner();
  std::unique_ptr<DatabaseThread> databaseThread_;
  std::mutex mutex_;
  std::vector<ClaimedRun> claimed_;  // guarded by mutex_
  std::atomic<int> kept_ = 0;        // ends journaled on disk
  std::atomic<bool> diskIsFull_ = false;
  std::atomic<bool> leaseLost_ = false;
  std::jthread loop_;  // stands for the runner's
  std::atomic<bool> loopTurns_ = true;
  std::atomic<bool> loopStandsStill_ = false;
  std::atomic<bool> fenced_ = false;
  std::atomic<bool> drainRequested_ = false;
  std::atomic<bool> stopRequested_ = false;
  std::atomic<bool> broken_ = false;
  bool expectBroken_ = false;
};

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

TEST_F(DatabaseThreadTest, ClaimsWhatIsDueAndWritesItsEnd) {
  const int id = add();
  DatabaseThread& databaseThread = start();
  databaseThread.finish(successOf(waitForClaim()));
  EXPECT_TRUE(databaseThread.stop(5s));
  EXPECT_EQ(store_.tasks.findTask(id)->lastStatus, RunStatus::Success);
  EXPECT_EQ(store_.tables.runners.at(runner_).runner.status, RunnerStatus::Success);
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

TEST_F(DatabaseThreadTest, TheEndIsToldToBeUnwrittenWhenTheDatabaseStaysAway) {
  add();
  DatabaseThread& databaseThread = start();
  databaseThread.finish(successOf(waitForClaim()));
  runners_.away = true;
  EXPECT_FALSE(databaseThread.stop(50ms));
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
