// The runner's database thread on the fake store, with a database that fails on request.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "runner/database_thread.h"
#include "tests/support/eventually.h"
#include "tests/support/fake_store.h"

namespace taskqueue::runner {

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
  std::int64_t newestTask() override {
    const std::lock_guard lock(mutex);
    throwIfAway();
    return FakeRunners::newestTask();
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
  DatabaseThread& start(std::chrono::seconds lease = std::chrono::seconds(60)) {
    using namespace std::chrono_literals;
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
    EXPECT_TRUE(test_support::eventually([&] { return runners_.heartbeats >= first + count; },
                                         std::chrono::seconds(5)));
    const int seen = runners_.heartbeats;
    return (runners_.lastHeartbeat.load() - since) / (seen - first);
  }

  Stores roles() {
    return {store_.tasks,      runners_,      store_.maintenance, store_.handlers, store_.schedules,
            store_.statistics, store_.errors, store_.audit,       store_.clock};
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
    EXPECT_TRUE(test_support::eventually([&] { return claimedCount() > 0; }, std::chrono::seconds(5)));
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
  LeaseWatch leaseWatch_{std::chrono::seconds(60)};
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

}  // namespace taskqueue::runner
