// Runners, and sometimes the database, are killed at random moments while they work. Afterwards every task
// has succeeded exactly once, no two executions of a task overlapped, and no process is left. The time until
// a dead runner's runs are rescued is printed and has a limit.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <iostream>
#include <mutex>
#include <random>
#include <thread>

#include "tests/chaos/runners_test.h"
#include "tests/chaos/sizes.h"
#include "tests/support/database_environment.h"
#include "tests/support/eventually.h"

namespace taskqueue::chaos {
namespace {

using namespace std::chrono_literals;
using test_support::eventually;

constexpr int kRunnerKillsRunners = 4;
constexpr int kTasksWaiting = 60;  // at any time
// The 99th percentile: an idle machine needs 2 s, a loaded one gets twenty times that. Waiting for the lease
// would take 60 s.
constexpr std::int64_t kRescueMs = test_support::kPatience * 2000;

// Measures in its own thread how long after a runner's death its row and runs are ended.
class RescueWatch {
 public:
  explicit RescueWatch(const std::string& database)
      : eye_(test_support::settingsFor(database), test_support::cmsNames()), thread_([this] { watch(); }) {}
  ~RescueWatch() {
    ending_ = true;
    thread_.join();
  }

  void died(int pid) {
    const std::lock_guard lock(mutex_);
    dead_.push_back({pid, Clock::now()});
  }
  // Discards pending measurements, because the server was down.
  void disregard() {
    const std::lock_guard lock(mutex_);
    dead_.clear();
  }
  // Returns times in milliseconds, sorted.
  std::vector<std::int64_t> times() {
    const std::lock_guard lock(mutex_);
    std::sort(times_.begin(), times_.end());
    return times_;
  }

 private:
  using Clock = std::chrono::steady_clock;
  struct Death {
    int pid;
    Clock::time_point at;
  };

  void watch() {
    while (!ending_) {
      std::this_thread::sleep_for(20ms);
      const std::lock_guard lock(mutex_);
      std::erase_if(dead_, [this](const Death& death) { return isRescued(death); });
    }
  }
  bool isRescued(const Death& death) {
    try {
      const auto rows =
          eye_.queryText("SELECT 1 FROM inp_TaskRunners WHERE Status = 'running' AND ProcessId = " +
                         std::to_string(death.pid));
      if (!rows.empty()) return false;
      times_.push_back(
          std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - death.at).count());
      return true;
    } catch (const StoreError&) {
      eye_.close();
      return true;
    }
  }

  store::Connection eye_;
  std::mutex mutex_;
  std::vector<Death> dead_;          // guarded by mutex_
  std::vector<std::int64_t> times_;  // guarded by mutex_
  std::atomic<bool> ending_ = false;
  std::thread thread_;
};

class RunnerKills : public RunnersTest {
 protected:
  RunnerKills() : RunnersTest("kills") {}

  // Keeps some tasks waiting.
  void fillUp() {
    try {
      const auto waiting = count("NextRunOn IS NOT NULL");
      std::vector<NewTask> tasks;
      for (auto i = waiting; i < kTasksWaiting; ++i) {
        tasks.push_back({.taskHandlerClass = i % 2 == 0 ? "Effect" : "Echo",
                         .taskData = i % 2 == 0 ? "{}" : R"({"sleep":0.05,"steps":3,"message":"m"})",
                         .maxRetries = 100000});
      }
      enqueue(tasks);
    } catch (const StoreError&) {
      eye().close();  // the server is being killed
    }
  }
};

TEST_F(RunnerKills, LoseNothingRunNothingTwiceAndLeaveNothingBehind) {
  std::mt19937_64 random(sizes().seed);
  const auto draw = [&](int min, int max) { return std::uniform_int_distribution<>(min, max)(random); };
  std::vector<RunnerProcess> runners;
  for (int i = 0; i < kRunnerKillsRunners; ++i) runners.emplace_back(directory());
  ASSERT_TRUE(waitForHandlers());

  const auto start = std::chrono::steady_clock::now();
  const auto isTimeLeft = [&] {
    return sizes().seconds == 0 ||
           std::chrono::steady_clock::now() - start < std::chrono::seconds(sizes().seconds);
  };
  RescueWatch rescues("kills");
  int crashes = 0;
  int kills = 0;
  while (kills < sizes().kills && isTimeLeft()) {
    ++kills;
    fillUp();
    std::this_thread::sleep_for(std::chrono::milliseconds(draw(20, 250)));
    RunnerProcess& victim = runners[static_cast<std::size_t>(draw(0, kRunnerKillsRunners - 1))];
    const int pid = victim.pid();
    victim.killAndRestart();
    rescues.died(pid);
    for (RunnerProcess& runner : runners) runner.keepAlive();
    if (crashes < sizes().crashes && kills * (sizes().crashes + 1) > (crashes + 1) * sizes().kills) {
      ++crashes;
      test_support::sharedServer().kill();
      test_support::sharedServer().start();
      eye().close();
      rescues.disregard();
    }
  }
  expectAllToSucceed(
      [&] {
        for (RunnerProcess& runner : runners) runner.keepAlive();
      },
      60s);
  std::vector<int> pids;
  for (RunnerProcess& runner : runners) {
    EXPECT_EQ(runner.stop(), 0);
    pids.insert(pids.end(), runner.pids().begin(), runner.pids().end());
  }
  expectAllIsWell(pids);
  std::cout << kills << " kills, " << crashes << " server crashes, " << acknowledged()
            << " tasks acknowledged, "
            << eye().queryText("SELECT COUNT(*) FROM inp_TaskRuns WHERE Status = 'timeout'").at(0).integer()
            << " runs rescued; seed " << sizes().seed << std::endl;
  const auto times = rescues.times();
  ASSERT_FALSE(times.empty());
  std::cout << "a death was noticed after " << times[times.size() / 2] << " ms (median), "
            << times[times.size() * 99 / 100] << " ms (p99), " << times.back() << " ms (longest)"
            << std::endl;
  EXPECT_LE(times[times.size() * 99 / 100], kRescueMs);
}

// A stop is no failure: runs that cannot finish in time are released, which costs no try.
TEST_F(RunnerKills, ARunnerThatIsStoppedInGoodOrderCostsNoTry) {
  std::mt19937_64 random(sizes().seed);
  std::vector<RunnerProcess> runners;
  for (int i = 0; i < 2; ++i) runners.emplace_back(directory());
  ASSERT_TRUE(waitForHandlers());
  for (int restart = 0; restart < sizes().restarts; ++restart) {
    fillUp();
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 200));
    RunnerProcess& runner = runners[random() % runners.size()];
    ASSERT_TRUE(waitForRow(runner));
    EXPECT_EQ(runner.stop(), 0) << logText();
    runner.start();
  }
  expectAllToSucceed([] {}, 60s);
  std::vector<int> pids;
  for (RunnerProcess& runner : runners) {
    EXPECT_EQ(runner.stop(), 0);
    pids.insert(pids.end(), runner.pids().begin(), runner.pids().end());
  }
  expectAllIsWell(pids);
  EXPECT_EQ(eye()
                .queryText("SELECT COUNT(*) FROM inp_TaskRuns WHERE Attempt > 1 OR Status <> 'success'")
                .at(0)
                .integer(),
            0);
  EXPECT_EQ(eye().queryText("SELECT COUNT(*) FROM inp_TaskRunners WHERE Status <> 'success'").at(0).integer(),
            0);
}

class ClaimedAhead : public RunnersTest {
 protected:
  ClaimedAhead() : RunnersTest("ahead") {}

  bool waitForEnds() {
    return eventually([&] { return count("LastStatus IN ('scheduled', 'running')") == 0; }, 30s);
  }
};

// When a runner dies, prefetched runs are released; only its running runs end.
TEST_F(ClaimedAhead, IsNotBegunAndLosesNoTry) {
  constexpr int kSlots = 4;      // per runner
  constexpr int kMaxDeaths = 5;  // deaths until one happens while a run is prefetched
  const std::vector<NewTask> shortOnes(200, {.taskHandlerClass = "Noop"});
  const std::vector<NewTask> longOnes(
      12, {.taskHandlerClass = "Echo", .taskData = R"({"sleep":0.5})", .maxRetries = 1});
  RunnerProcess runner(directory());
  ASSERT_TRUE(waitForHandlers());
  bool wasAhead = false;
  int deaths = 0;
  while (deaths < kMaxDeaths && !wasAhead) {
    ASSERT_TRUE(enqueue(shortOnes));  // runs are prefetched only after short ones
    ASSERT_TRUE(waitForEnds()) << logText();
    ASSERT_TRUE(enqueue(longOnes));
    wasAhead = eventually([&] { return count("LastStatus = 'running'") > kSlots; }, 1s);
    runner.killAndRestart();
    ++deaths;
    ASSERT_TRUE(waitForEnds()) << logText();
  }
  EXPECT_TRUE(wasAhead);
  EXPECT_LE(count("LastStatus <> 'success'"), deaths * kSlots);
  EXPECT_EQ(runner.stop(), 0) << logText();
}

}  // namespace
}  // namespace taskqueue::chaos
