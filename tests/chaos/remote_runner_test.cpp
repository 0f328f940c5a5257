// Runners whose processes are invisible, as on another host: each has its own PID namespace. A slow runner is
// left alone. A dead one is rescued after its lease, measured by the rescuer's clock only. A runner that
// comes back has lost its run and can change nothing. One that cannot reach the database stops its workers
// before its lease ends.
#include <signal.h>

#include <fstream>
#include <iostream>
#include <thread>

#include "tests/chaos/runners_test.h"
#include "tests/support/cutting_proxy.h"
#include "tests/support/database_environment.h"
#include "tests/support/eventually.h"

namespace taskqueue::chaos {
namespace {

using namespace std::chrono_literals;
using test_support::eventually;
using SteadyClock = std::chrono::steady_clock;

constexpr auto kLease = 6s;

class RemoteRunner : public RunnersTest {
 protected:
  RemoteRunner()
      : RunnersTest(
            "out_of_sight",
            "lease_seconds=6\nheartbeat_milliseconds=500\n[handler.Long]\ncommand=/bin/sleep 3600\n") {
    std::ofstream(directory() + "/runner.ini", std::ios::app)
        << "[database]\nconnect_seconds=1\nstatement_seconds=1\n";
  }

  // A runner in its own PID namespace. The returned process is unshare, which ends with the runner.
  void startHidden() {
    const std::string command = "unshare --pid --fork --kill-child " + directory() +
                                "/bin/task-runner --config " + directory() + "/runner.ini 2>> " +
                                directory() + "/log & echo $! > " + directory() + "/hidden.pid";
    ASSERT_EQ(std::system(command.c_str()), 0);
  }
  int hiddenRunner() {  // its PID outside its namespace
    const std::string file = directory() + "/hidden.pid";
    int parent = 0;
    std::ifstream(file) >> parent;
    int pid = 0;
    std::ifstream("/proc/" + std::to_string(parent) + "/task/" + std::to_string(parent) + "/children") >> pid;
    return pid;
  }
  std::string statusOf(int taskId) {
    return std::string(toString(store().tasks.findTask(taskId)->lastStatus));
  }
  int add(const std::string& name, const std::string& data = "{}") {
    const NewTask task{.taskHandlerClass = name, .taskData = data, .maxRetries = 10};
    EXPECT_TRUE(enqueue({task}));
    return store().tasks.findTasks({}).front().id;
  }
  static bool workerRuns() { return std::system("pgrep -f '^/bin/slee[p] 3600' > /dev/null") == 0; }
};

TEST_F(RemoteRunner, ASlowRunnerIsLeftAloneADeadOneRescuedAndOneThatComesBackChangesNothing) {
  startHidden();
  ASSERT_TRUE(waitForHandlers());
  const int id = add("Echo", R"({"sleep":12,"steps":100})");
  ASSERT_TRUE(eventually([&] { return statusOf(id) == "running"; }, 10s));
  RunnerProcess seen(directory());
  ASSERT_TRUE(waitForRow(seen));
  const int hidden = hiddenRunner();
  ASSERT_GT(hidden, 1);

  ::kill(hidden, SIGSTOP);
  std::this_thread::sleep_for(kLease / 2);
  ::kill(hidden, SIGCONT);
  std::this_thread::sleep_for(1s);
  EXPECT_EQ(statusOf(id), "running");
  EXPECT_EQ(store().tasks.runsOfTask(id).size(), 1U) << "a live but slow runner was rescued";

  const auto stopped = SteadyClock::now();
  ::kill(hidden, SIGSTOP);
  EXPECT_TRUE(eventually([&] { return store().tasks.runsOfTask(id).size() == 2; }, kLease + 5s));
  const auto after = std::chrono::duration_cast<std::chrono::milliseconds>(SteadyClock::now() - stopped);
  EXPECT_GE(after, kLease - 1s) << "before its lease was over";
  ::kill(hidden, SIGCONT);  // it finds its row ended, and exits
  EXPECT_TRUE(eventually([&] { return hiddenRunner() == 0; }, 10s));
  EXPECT_EQ(store().tasks.runsOfTask(id).front().status, RunStatus::Timeout);
  expectAllToSucceed([] {}, 30s);
  EXPECT_EQ(seen.stop(), 0);
  expectAllIsWell(seen.pids());
  std::cout << "rescued after " << after.count() << " ms with a lease of " << kLease.count() << " s"
            << std::endl;
}

TEST_F(RemoteRunner, ARunnerThatCannotReachTheDatabaseStopsItsWorkersBeforeItsLeaseEnds) {
  const std::string socket = test_support::sharedServer().socket();
  test_support::CuttingProxy proxy(socket + ".silent", socket, 1);
  proxy.stopCutting();
  std::ifstream original(test_support::sharedServer().optionFile());
  std::ofstream changed(socket + ".silent.cnf");
  for (std::string line; std::getline(original, line);)
    changed << (line.starts_with("socket") ? "socket=" + socket + ".silent" : line) << "\n";
  changed.close();
  std::ifstream settings(directory() + "/runner.ini");
  std::ofstream written(directory() + "/runner.ini.new");
  for (std::string line; std::getline(settings, line);)
    written << (line.starts_with("option_file") ? "option_file=" + socket + ".silent.cnf" : line) << "\n";
  written.close();
  ASSERT_EQ(std::rename((directory() + "/runner.ini.new").c_str(), (directory() + "/runner.ini").c_str()), 0);

  RunnerProcess runner(directory());
  ASSERT_TRUE(waitForRow(runner));
  const int id = add("Long");
  ASSERT_TRUE(eventually([&] { return statusOf(id) == "running" && workerRuns(); }, 10s));
  const auto silent = SteadyClock::now();
  proxy.goSilent();
  EXPECT_TRUE(eventually([] { return !workerRuns(); }, kLease));
  const auto after = std::chrono::duration_cast<std::chrono::milliseconds>(SteadyClock::now() - silent);
  EXPECT_LT(after, kLease) << "somebody else may hold the run by now";
  EXPECT_GT(after, kLease / 3) << "it gave up too early";
  proxy.speakAgain();
  EXPECT_TRUE(eventually([&] { return workerRuns(); }, 30s)) << "it takes up its work again\n" << logText();
  EXPECT_EQ(store().tasks.runsOfTask(id).size(), 1U) << "no try was lost";
  store().tasks.cancelTask(id);
  EXPECT_TRUE(eventually([&] { return statusOf(id) == "cancelled"; }, 10s));
  EXPECT_EQ(runner.stop(), 0) << logText();
  std::cout << "workers stopped after " << after.count() << " ms with a lease of " << kLease.count() << " s"
            << std::endl;
}

}  // namespace
}  // namespace taskqueue::chaos
