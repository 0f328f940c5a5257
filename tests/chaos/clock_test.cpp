// The runner's clock jumps back and forth while it works: no run is rescued, and no run is late.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/chaos/runners_test.h"
#include "tests/support/database_environment.h"

namespace taskqueue::chaos {
namespace {

using namespace std::chrono_literals;

constexpr const char* kLibrary = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";

class Clock : public RunnersTest {
 protected:
  Clock() : RunnersTest("clock", "lease_seconds=45") {}

  void setClock(const std::string& offset) {
    std::ofstream(directory() + "/clock.new") << offset << "\n";
    std::filesystem::rename(directory() + "/clock.new", directory() + "/clock");
  }
  // Returns the environment of a process with this clock offset.
  std::vector<std::string> fakedClock() const {
    return {"LD_PRELOAD=" + std::string(kLibrary), "FAKETIME_NO_CACHE=1", "FAKETIME_DONT_FAKE_MONOTONIC=1",
            "FAKETIME_TIMESTAMP_FILE=" + directory() + "/clock"};
  }
};

// The smallest jump is 600 s: a start that follows the faked clock is more than 300 s early or late.
TEST_F(Clock, ThatIsSetHarmsNoRun) {
  ASSERT_TRUE(std::filesystem::exists(kLibrary)) << "libfaketime is missing";
  setClock("+0");
  RunnerProcess first(directory(), fakedClock());
  RunnerProcess second(directory());
  ASSERT_TRUE(waitForRow(first));
  ASSERT_TRUE(waitForRow(second));
  const UnixSeconds now = store().clock.now();
  std::vector<NewTask> tasks;
  for (int i = 0; i < 40; ++i) {
    tasks.push_back({.taskHandlerClass = i % 2 == 0 ? "Effect" : "Echo",
                     .taskData = i % 2 == 0 ? "{}" : R"({"sleep":0.3,"steps":3})",
                     .scheduledOn = now + i / 10});
  }
  ASSERT_TRUE(enqueue(tasks));
  for (const char* offset : {"-1h", "+1h", "-365d", "+365d", "+10y", "+0", "-10m", "+10m"}) {
    setClock(offset);
    std::this_thread::sleep_for(500ms);
  }
  expectAllToSucceed([] {}, 30s);
  EXPECT_EQ(first.stop(), 0) << logText();
  EXPECT_EQ(second.stop(), 0);
  std::vector<int> pids = first.pids();
  pids.push_back(second.pids().front());
  expectAllIsWell(pids);
  EXPECT_EQ(eye().queryText("SELECT COUNT(*) FROM inp_TaskRuns WHERE Attempt > 1").at(0).integer(), 0);
  EXPECT_EQ(
      eye()
          .queryText("SELECT COUNT(*) FROM inp_TaskRuns r JOIN inp_TaskQueue t ON t.Id = r.TaskQueueId WHERE "
                     "r.StartedOn < t.ScheduledOn OR r.StartedOn > t.ScheduledOn + 300")
          .at(0)
          .integer(),
      0);
}

// While the clock is behind, due tasks wait; running ones neither end nor start again.
TEST_F(Clock, OfTheDatabaseThatIsSetHarmsNoRun) {
  ASSERT_TRUE(std::filesystem::exists(kLibrary)) << "libfaketime is missing";
  setClock("+0");
  test_support::MariadbServer& server = test_support::sharedServer();
  const auto restart = [&](const std::vector<std::string>& environment) {
    eye().close();
    store().connection().close();
    server.stop();
    const auto nameOf = [](const std::string& line) { return line.substr(0, line.find('=')); };
    for (const std::string& line : environment) {
      ::setenv(nameOf(line).c_str(), line.c_str() + nameOf(line).size() + 1, 1);
    }
    server.start();
    for (const std::string& line : environment) ::unsetenv(nameOf(line).c_str());
  };
  restart(fakedClock());
  RunnerProcess first(directory());
  RunnerProcess second(directory());
  ASSERT_TRUE(waitForRow(first));
  ASSERT_TRUE(waitForRow(second));
  std::vector<NewTask> tasks;
  for (int i = 0; i < 40; ++i) {
    tasks.push_back({.taskHandlerClass = i % 2 == 0 ? "Effect" : "Echo",
                     .taskData = i % 2 == 0 ? "{}" : R"({"sleep":0.3,"steps":3})"});
  }
  ASSERT_TRUE(enqueue(tasks));
  const UnixSeconds before = store().clock.now();
  for (const char* offset : {"+1h", "-1h", "-365d", "+365d", "-10m", "+10m"}) {
    setClock(offset);
    std::this_thread::sleep_for(1500ms);
    EXPECT_GT(std::abs(store().clock.now() - before), 500) << "the clock does not follow";
  }
  setClock("+0");
  expectAllToSucceed([] {}, 30s);
  EXPECT_EQ(first.stop(), 0) << logText();
  EXPECT_EQ(second.stop(), 0);
  std::vector<int> pids = first.pids();
  pids.push_back(second.pids().front());
  expectAllIsWell(pids);
  EXPECT_EQ(eye().queryText("SELECT COUNT(*) FROM inp_TaskRuns WHERE Attempt > 1").at(0).integer(), 0);
  restart({});
}

}  // namespace
}  // namespace taskqueue::chaos
