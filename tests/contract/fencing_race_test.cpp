// A stale owner races with the rescue of its run, in every order, for every write: exactly one of them wins.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <barrier>
#include <functional>
#include <iostream>
#include <thread>

#include "module/platform/random.h"
#include "module/store/maria_store.h"
#include "tests/support/database_environment.h"
#include "tests/support/invariant_checker.h"

namespace taskqueue::contract {
namespace {

using store::MariaStore;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* kFencingRaceDatabase = "fencing_race";
constexpr int kRunsOfAPair = 25;

enum class Order { OwnerFirst, RescueFirst, AtOnce, AtOnceOwnerAhead };

class FencingRace : public ::testing::Test {
 protected:
  using Run = taskqueue::Run;  // hides a private function of the test framework's class

  FencingRace() {
    test_support::sharedServer().createDatabase(kFencingRaceDatabase);
    test_support::migrate(kFencingRaceDatabase);
    owner_ = connect();
    rescuer_ = connect();
  }
  void TearDown() override {
    store::Connection connection(test_support::settingsFor(kFencingRaceDatabase), test_support::cmsNames());
    EXPECT_THAT(test_support::checkInvariants(connection), IsEmpty());
  }

  static std::unique_ptr<MariaStore> connect() {
    return std::make_unique<MariaStore>(
        test_support::settingsFor(kFencingRaceDatabase), test_support::cmsNames(),
        [] { return platform::randomHex(16); }, [] { return 0.0; });
  }

  // Returns a new run of a new runner.
  ClaimedRun claim() {
    NewRunner made;
    made.identity.processId = ++processes_;
    made.queues = {"default"};
    const std::vector<HandlerDeclaration> handlers{{.taskHandlerClass = "Echo", .kind = "cpp"}};
    runner_ = owner_->runners.registerRunner(made, handlers);
    const NewTask task{.taskHandlerClass = "Echo", .maxRetries = 1};
    owner_->tasks.insertTasks(std::span(&task, 1), std::nullopt);
    SyncRequest request{
        .taskRunnerId = runner_, .claimLimit = 1, .queues = {"default"}, .handlers = {"Echo"}};
    return owner_->runners.sync(request).claimed.at(0);
  }

  // Does both in this order. lost_ keeps the runs that the owner is told it has lost.
  void race(Order order, const std::function<void(SyncRequest&)>& write) {
    SyncRequest request{.taskRunnerId = runner_};
    write(request);
    const auto own = [&] { lost_ = owner_->runners.sync(request).lostRuns; };
    const auto rescue = [&] { rescuer_->runners.timeOutRunner(runner_, {}); };
    if (order == Order::OwnerFirst) return own(), rescue();
    if (order == Order::RescueFirst) return rescue(), own();
    std::barrier together(2);
    std::thread other([&] {
      together.arrive_and_wait();
      if (order == Order::AtOnceOwnerAhead) std::this_thread::sleep_for(std::chrono::microseconds(150));
      rescue();
    });
    together.arrive_and_wait();
    own();
    other.join();
  }

  template <typename Check>
  void allOrders(const std::function<void(SyncRequest&, const ClaimedRun&)>& write, Check check) {
    int ownerWon = 0;
    for (const Order order :
         {Order::OwnerFirst, Order::RescueFirst, Order::AtOnce, Order::AtOnceOwnerAhead}) {
      for (int i = 0; i < kRunsOfAPair; ++i) {
        const ClaimedRun run = claim();
        race(order, [&](SyncRequest& request) { write(request, run); });
        const Run after = owner_->tasks.findRun(run.owned.runId).value();
        if (check(after, run)) ++ownerWon;
        const RunStatus settled = owner_->tasks.findRun(run.owned.runId)->status;
        // A repeated write of the owner changes nothing.
        SyncRequest again{.taskRunnerId = runner_};
        write(again, run);
        owner_->runners.sync(again);
        EXPECT_EQ(owner_->tasks.findRun(run.owned.runId)->status, settled);
      }
    }
    EXPECT_GE(ownerWon, kRunsOfAPair) << "it comes first in one order";
    std::cout << "the owner came first in " << ownerWon << " of " << 4 * kRunsOfAPair << std::endl;
  }

  // Either the status is the owner's and the owner knows it, or it is the rescuer's and the owner knows that.
  void expectOneEnd(RunStatus status) {
    allOrders(
        [status](SyncRequest& request, const ClaimedRun& run) {
          RunEnd end;
          end.owned = run.owned;
          end.status = status;
          request.ends.push_back(end);
        },
        [&](const Run& after, const ClaimedRun& run) {
          EXPECT_TRUE(after.status == status || after.status == RunStatus::Timeout);
          EXPECT_EQ(owner_->tasks.findTask(run.task.id)->lastStatus, after.status);
          return after.status == status;
        });
  }

  std::unique_ptr<MariaStore> owner_;
  std::unique_ptr<MariaStore> rescuer_;
  std::vector<int> lost_;
  int runner_ = 0;
  int processes_ = 0;
};

TEST_F(FencingRace, Success) {
  expectOneEnd(RunStatus::Success);
}

TEST_F(FencingRace, Failure) {
  expectOneEnd(RunStatus::Error);
}

TEST_F(FencingRace, Release) {
  allOrders(
      [](SyncRequest& request, const ClaimedRun& run) {
        request.releases.push_back({run.owned, 0});
      },
      [&](const Run& after, const ClaimedRun& run) {
        const bool given = after.status == RunStatus::Scheduled;
        EXPECT_TRUE(given || after.status == RunStatus::Timeout);
        EXPECT_EQ(lost_.empty(), given);
        if (given) owner_->tasks.cancelTask(run.task.id);  // the next round then finds its own task
        return given;
      });
}

TEST_F(FencingRace, Progress) {
  allOrders(
      [](SyncRequest& request, const ClaimedRun& run) {
        request.progress.push_back({run.owned, 40, "forty"});
      },
      [](const Run& after, const ClaimedRun&) {
        EXPECT_EQ(after.status, RunStatus::Timeout);
        EXPECT_TRUE(after.percentsCompleted == 0 || after.percentsCompleted == 40);
        return after.percentsCompleted == 40;
      });
}

TEST_F(FencingRace, Heartbeat) {
  for (int i = 0; i < kRunsOfAPair; ++i) {
    claim();
    bool alive = true;
    std::thread other([&] { rescuer_->runners.timeOutRunner(runner_, {}); });
    while (alive) alive = owner_->runners.heartbeat(runner_, {}).runnerAlive;
    other.join();
    EXPECT_THAT(owner_->runners.heartbeat(runner_, {}).owned, IsEmpty());
  }
}

}  // namespace
}  // namespace taskqueue::contract
