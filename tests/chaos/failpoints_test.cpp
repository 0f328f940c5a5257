// A runner dies at every failpoint: before and after each database statement, fork, exec, read and write.
// Another runner then finishes the work: nothing is lost, done twice or left behind.
#include <signal.h>

#include <fstream>
#include <iostream>
#include <set>
#include <thread>

#include "tests/chaos/runners_test.h"
#include "tests/support/eventually.h"

namespace taskqueue::chaos {
namespace {

using namespace std::chrono_literals;
using test_support::eventually;

constexpr auto kForCrash = 6s;  // limit for reaching the failpoint

class Failpoints : public RunnersTest {
 protected:
  Failpoints()
      : RunnersTest("failpoints",
                    "drain_seconds=0\nflush_milliseconds=50\n[worker.php]\n"
                    "command=/usr/bin/php @DIRECTORY@/php/worker.php --bootstrap=@DIRECTORY@/handlers.php") {}

  // Enqueues tasks that make a runner reach every failpoint: a C++ handler, a PHP one, a command that fails
  // and snoozes, tasks that wait for their key, and one whose handler is paused.
  void enqueueWork() {
    store().handlers.setHandlerLimit("Effect", 2, 1, -1);
    std::vector<NewTask> tasks;
    tasks.push_back({.taskHandlerClass = "Echo", .taskData = R"({"sleep":0.2,"steps":3,"output":3000})"});
    tasks.push_back({.taskHandlerClass = "PhpReport", .taskData = R"({"rows":2})"});
    tasks.push_back({.taskHandlerClass = "Moody"});
    tasks.push_back({.taskHandlerClass = "Effect", .concurrencyKey = "k"});
    tasks.push_back({.taskHandlerClass = "Effect", .concurrencyKey = "k"});
    for (NewTask& task : tasks) task.maxRetries = 1000;
    ASSERT_TRUE(enqueue(tasks));
  }

  void finishWith(RunnerProcess& runner) {
    expectAllToSucceed([&] { runner.keepAlive(); }, 30s);
    EXPECT_TRUE(waitForRow(runner));
    EXPECT_EQ(runner.stop(), 0) << logText();
  }

  // Leaves open runs of a killed runner.
  void leaveWorkOfTheDead() {
    enqueueWork();
    RunnerProcess victim(directory());
    EXPECT_TRUE(eventually([&] { return count("LastStatus = 'running'") > 0; }, 10s));
    std::this_thread::sleep_for(150ms);  // gives it time to write some output
    ::kill(victim.pid(), SIGKILL);
    EXPECT_TRUE(eventually([&] { return victim.hasEnded(); }, 5s));
    dead_.insert(dead_.end(), victim.pids().begin(), victim.pids().end());
  }
  void prepare(bool afterADeath) { afterADeath ? leaveWorkOfTheDead() : enqueueWork(); }

  // Returns the failpoints that a runner reaches, each with its moment.
  std::set<std::string> record(const std::string& name, bool afterADeath) {
    prepare(afterADeath);
    const std::string path = directory() + "/sites-" + name;
    RunnerProcess recorder(directory(), {"TASKQUEUE_FAILPOINT_LOG=" + path});
    finishWith(recorder);
    expectAllIsWell(recorder.pids());
    std::ifstream file(path);
    std::set<std::string> found;
    for (std::string line; std::getline(file, line);) found.insert(line);
    return found;
  }

  void crashAtEach(const std::set<std::string>& sites, bool afterADeath) {
    int crashed = 0;
    std::string missed;
    for (const std::string& site : sites) {
      SCOPED_TRACE(site);
      prepare(afterADeath);
      RunnerProcess victim(directory(), {"TASKQUEUE_FAILPOINT=" + site + " 1 crash"});
      const auto isOver = [&] { return victim.hasEnded() || count("LastStatus <> 'success'") == 0; };
      bool wasPassed = eventually(isOver, kForCrash) && victim.hasEnded();
      if (!wasPassed) {  // it may still be reached at shutdown
        victim.stop();
        wasPassed = victim.lastStatus() == -1;
      }
      crashed += wasPassed ? 1 : 0;
      if (!wasPassed) missed += "  " + site + "\n";
      RunnerProcess rescuer(directory());
      finishWith(rescuer);
      std::vector<int> pids = victim.pids();
      pids.push_back(rescuer.pids().front());
      pids.insert(pids.end(), dead_.begin(), dead_.end());
      expectAllIsWell(pids);
      if (HasFailure()) break;
    }
    std::cout << crashed << " of " << sites.size() << " failpoints crashed a runner; not passed this time:\n"
              << missed;
    EXPECT_GE(crashed, static_cast<int>(sites.size()) * 9 / 10);
  }

 private:
  std::vector<int> dead_;
};

TEST_F(Failpoints, ARunnerThatDiesAtAnyOfThemLosesNothing) {
  const auto all = record("work", /*afterADeath=*/false);
  EXPECT_GE(all.size(), 80U);
  crashAtEach(all, /*afterADeath=*/false);
}

// The rescuing runner dies, too.
TEST_F(Failpoints, ARescuerThatDiesAtAnyOfThemLosesNothing) {
  const auto working = record("work", /*afterADeath=*/false);
  auto rescuing = record("rescue", /*afterADeath=*/true);
  for (const std::string& site : working) rescuing.erase(site);
  EXPECT_GE(rescuing.size(), 4U);
  crashAtEach(rescuing, /*afterADeath=*/true);
}

}  // namespace
}  // namespace taskqueue::chaos
