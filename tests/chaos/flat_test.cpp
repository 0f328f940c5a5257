// A runner does many tasks without growing in memory or file descriptors, and leaves no zombie.
#include <dirent.h>

#include <filesystem>
#include <fstream>
#include <iostream>

#include "tests/chaos/runners_test.h"
#include "tests/chaos/sizes.h"
#include "tests/support/eventually.h"

namespace taskqueue::chaos {
namespace {

using namespace std::chrono_literals;
using test_support::eventually;

constexpr int kAtOnce = 500;
constexpr std::int64_t kGrowthKb = 256;  // per round of tasks
// libc's reserves for threads may still grow in the first rounds; a real leak grows in all rounds.
constexpr int kRounds = 5;
constexpr int kOfMoreWorkers = 16;  // descriptors: any number of the four slots may have a worker

class Flat : public RunnersTest {
 protected:
  Flat() : RunnersTest("flat") {}

  void doTasks(int tasks) {
    for (int left = tasks; left > 0; left -= kAtOnce) {
      std::vector<NewTask> batch;
      for (int i = 0; i < std::min(left, kAtOnce); ++i)
        batch.push_back({.taskHandlerClass = i % 50 == 0 ? "Effect" : "Noop"});
      ASSERT_TRUE(enqueue(batch));
      ASSERT_TRUE(
          eventually([&] { return count("NextRunOn IS NOT NULL OR LastStatus = 'running'") == 0; }, 120s));
    }
  }
  static std::int64_t descriptorsOf(int pid) {
    const std::filesystem::directory_iterator all("/proc/" + std::to_string(pid) + "/fd");
    return std::distance(begin(all), end(all));
  }
  static std::int64_t residentKbOf(int pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/status");
    for (std::string word; file >> word;) {
      std::int64_t kb = 0;
      if (word == "VmRSS:" && file >> kb) return kb;
    }
    return 0;
  }
  static int zombiesOf(int pid) {
    int zombies = 0;
    std::ifstream file("/proc/" + std::to_string(pid) + "/task/" + std::to_string(pid) + "/children");
    for (int child = 0; file >> child;) {
      std::ifstream stat("/proc/" + std::to_string(child) + "/stat");
      std::string number;
      std::string name;
      std::string state;
      if (stat >> number >> name >> state && state == "Z") ++zombies;
    }
    return zombies;
  }
};

TEST_F(Flat, ARunnerDoesNotGrow) {
  RunnerProcess runner(directory());
  ASSERT_TRUE(waitForHandlers());
  doTasks(kAtOnce);
  const std::int64_t descriptors = descriptorsOf(runner.pid());
  std::vector<std::int64_t> resident{residentKbOf(runner.pid())};
  std::int64_t growth = kGrowthKb + 1;
  for (int round = 0; round < kRounds && growth > kGrowthKb; ++round) {
    doTasks(sizes().tasks);
    resident.push_back(residentKbOf(runner.pid()));
    growth = resident.back() - resident.rbegin()[1];
  }
  EXPECT_TRUE(eventually([&] { return descriptorsOf(runner.pid()) - descriptors <= kOfMoreWorkers; }, 3s))
      << descriptors << " became " << descriptorsOf(runner.pid());
  EXPECT_TRUE(eventually([&] { return zombiesOf(runner.pid()) == 0; }, 3s));
  EXPECT_LE(growth, kGrowthKb) << ::testing::PrintToString(resident) << " KiB";
  EXPECT_EQ(runner.stop(), 0) << logText();
  expectAllIsWell(runner.pids());
  std::cout << sizes().tasks << " tasks a round: resident " << ::testing::PrintToString(resident)
            << " KiB; descriptors " << descriptors << std::endl;
}

}  // namespace
}  // namespace taskqueue::chaos
