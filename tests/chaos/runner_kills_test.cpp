// Real runners are killed at random moments, and the database with them now and then, while they work.
// Afterwards every task has succeeded exactly once, no two executions of a task overlapped, and no process is
// left. How fast the runs of the dead were rescued is printed and has a limit.
#include <algorithm>
#include <chrono>
#include <iostream>
#include <random>
#include <thread>

#include "tests/chaos/runners_test.h"
#include "tests/chaos/sizes.h"
#include "tests/support/database_environment.h"

namespace taskqueue::chaos {
namespace {

using namespace std::chrono_literals;

constexpr int kRunners = 4;
constexpr int kTasksWaiting = 60;  // at any time

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
  const auto draw = [&](int least, int most) { return std::uniform_int_distribution<>(least, most)(random); };
  std::vector<RunnerProcess> runners;
  for (int i = 0; i < kRunners; ++i) runners.emplace_back(directory());
  ASSERT_TRUE(waitForHandlers());

  const auto start = std::chrono::steady_clock::now();
  const auto isTimeLeft = [&] {
    return sizes().seconds == 0 ||
           std::chrono::steady_clock::now() - start < std::chrono::seconds(sizes().seconds);
  };
  int crashes = 0;
  int kills = 0;
  while (kills < sizes().kills && isTimeLeft()) {
    ++kills;
    fillUp();
    std::this_thread::sleep_for(std::chrono::milliseconds(draw(20, 250)));
    runners[static_cast<std::size_t>(draw(0, kRunners - 1))].killAndRestart();
    for (RunnerProcess& runner : runners) runner.keepAlive();
    if (crashes < sizes().crashes && kills * (sizes().crashes + 1) > (crashes + 1) * sizes().kills) {
      ++crashes;
      test_support::sharedServer().kill();
      test_support::sharedServer().start();
      eye().close();
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
}

// Stopping is no failure: what cannot finish in time is given back, and no try is lost.
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

}  // namespace
}  // namespace taskqueue::chaos
