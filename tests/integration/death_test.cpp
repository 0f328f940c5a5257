// Kills: no acknowledged task is lost, and no process is left behind.
#include "tests/integration/stack_test.h"

#include <gmock/gmock.h>
#include <signal.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <vector>

namespace taskqueue::tests {
namespace {

using ::testing::HasSubstr;

// Runs of the handler Shell that last until finish(), so that no test depends on the duration of a step.
class SteeredRuns : public StackTest {
 protected:
  SteeredRuns() {
    std::filesystem::remove(kGo);
    writeScript("shell.sh", "until test -e " + std::string(kGo) + "; do sleep 0.05; done\necho done\n");
  }
  ~SteeredRuns() override { finish(); }

  int start(int maxRetries = 5) {
    const int id = stack().enqueue("Shell", "{}", maxRetries);
    EXPECT_TRUE(eventually([&] { return stack().lastStatus(id) == "running"; }, 10s));
    return id;
  }
  static void finish() { std::ofstream{kGo}; }

 private:
  static constexpr const char* kGo = "/srv/taskqueue-test/go";
};

TEST_F(SteeredRuns, AKilledRunnerIsNoticedAndItsTaskTriedAgain) {
  const int id = start();
  const int pid = pidOfRunner(stack().newestRun(id)["TaskRunnerId"].GetInt());
  ASSERT_GT(pid, 1);
  ::kill(pid, SIGKILL);
  EXPECT_TRUE(eventually([&] { return stack().lastStatus(id) != "running"; }, 5s));
  finish();
  EXPECT_EQ(stack().finalStatus(id, 30s), "success");
  const auto runs = stack().api("GET", "tasks/" + std::to_string(id));
  ASSERT_EQ(runs.json["Runs"].Size(), 2U);
  EXPECT_STREQ(runs.json["Runs"][0]["Status"].GetString(), "timeout");
  EXPECT_STREQ(runs.json["Runs"][0]["ErrorCode"].GetString(), "runner_died");
}

TEST_F(StackTest, AKilledRunnerTakesAllThatItsWorkersHaveStartedAlong) {
  writeScript("shell.sh", "setsid env -i sleep 302 &\n(setsid sh -c 'sleep 302; echo end' &)\nsleep 302\n");
  const int id = stack().enqueue("Shell", "{}", 1);
  ASSERT_TRUE(eventually([] { return std::system("test $(pgrep -fc '^slee[p] 302') -ge 3") == 0; }, 10s));
  ::kill(pidOfRunner(stack().newestRun(id)["TaskRunnerId"].GetInt()), SIGKILL);
  EXPECT_TRUE(eventually([] { return std::system("pgrep -f 'slee[p] 302' > /dev/null") != 0; }, 1s));
  EXPECT_EQ(stack().finalStatus(id), "timeout");
}

TEST_F(StackTest, AStoppedRunnerGivesItsRunBackUnharmed) {
  const int id = stack().enqueue("Echo", R"({"sleep":4,"steps":4})", 1);
  ASSERT_TRUE(eventually([&] { return stack().lastStatus(id) == "running"; }, 10s));
  stack().control("restart task-runner:*");
  EXPECT_EQ(stack().finalStatus(id, 30s), "success");
  const auto answer = stack().api("GET", "tasks/" + std::to_string(id));
  EXPECT_EQ(answer.json["Runs"].Size(), 1U);
  EXPECT_EQ(answer.json["Task"]["TaskRunsFailed"].GetInt(), 0);
}

// The button and `taskqueue stop` do the same. Another runner repeats the run as the same attempt.
TEST_F(SteeredRuns, ARunnerThatIsStoppedOverTheApiGivesItsRunBackAndIsReplaced) {
  const int id = start(1);
  const int runnerId = stack().newestRun(id)["TaskRunnerId"].GetInt();
  const int pid = pidOfRunner(runnerId);
  const std::string runner = "runners/" + std::to_string(runnerId);
  // Draining alone waits for the end of the run.
  EXPECT_EQ(stack().api("POST", runner + "/drain").status, 202);
  std::this_thread::sleep_for(2500ms);
  EXPECT_TRUE(isAlive(pid));
  EXPECT_EQ(stack().newestRun(id)["TaskRunnerId"].GetInt(), runnerId);
  EXPECT_EQ(stack().commandLine("stop " + std::to_string(runnerId)).exitStatus, 0);
  // The limit covers a heartbeat, drain_seconds and kill_grace_seconds.
  EXPECT_TRUE(eventually([&] { return stack().api("POST", runner + "/stop").status == 409; }, 5s));
  EXPECT_TRUE(eventually([&] { return !isAlive(pid); }, 2s));
  finish();
  EXPECT_EQ(stack().finalStatus(id, 30s), "success");
  const auto answer = stack().api("GET", "tasks/" + std::to_string(id));
  ASSERT_EQ(answer.json["Runs"].Size(), 1U);
  EXPECT_NE(answer.json["Runs"][0]["TaskRunnerId"].GetInt(), runnerId);
  EXPECT_EQ(answer.json["Task"]["TaskRunsFailed"].GetInt(), 0);
  EXPECT_TRUE(eventually([&] { return stack().runnerPids().size() >= 2; }, 10s));
}

TEST_F(StackTest, AKilledFastCgiProgramComesBackAndLosesNothing) {
  expectLoggedTrouble();
  const int id = stack().enqueue("Noop", "{}");
  ::kill(stack().programPid("taskqueue-fcgi:taskqueue-fcgi"), SIGKILL);
  EXPECT_TRUE(eventually([] { return stack().request("GET", "/readyz").status == 200; }, 20s));
  EXPECT_EQ(stack().finalStatus(id), "success");
}

TEST_F(StackTest, AKilledDatabaseLosesNoAcknowledgedTask) {
  expectLoggedTrouble();
  std::vector<int> ids;
  for (int i = 0; i < 20; ++i) ids.push_back(stack().enqueue("Echo", R"({"sleep":0.5})"));
  const int pid = stack().programPid("database");
  ASSERT_GT(pid, 1);
  ::kill(pid, SIGKILL);
  EXPECT_TRUE(eventually([&] { return !isAlive(pid); }, 5s));
  EXPECT_TRUE(eventually([] { return stack().request("GET", "/readyz").status == 200; }, 60s));
  for (const int id : ids) EXPECT_EQ(stack().finalStatus(id, 60s), "success");
}

// A run ends while the database is down, and its runner is killed: the journal holds the end.
TEST_F(SteeredRuns, WhatEndedWhileTheDatabaseWasAwaySurvivesItsRunner) {
  expectLoggedTrouble();
  log().expect("a runner died; its runs were ended as timeout");
  const int id = start(1);
  const int pid = pidOfRunner(stack().newestRun(id)["TaskRunnerId"].GetInt());
  stack().control("stop database");
  finish();
  const std::string journal = "ls /srv/taskqueue-test/run/runners/results-* > /dev/null 2>&1";
  EXPECT_TRUE(eventually([&] { return std::system(journal.c_str()) == 0; }, 15s));
  ::kill(pid, SIGKILL);
  stack().control("start database");
  EXPECT_TRUE(eventually([] { return stack().request("GET", "/readyz").status == 200; }, 60s));
  stack().database().close();
  EXPECT_EQ(stack().finalStatus(id, 60s), "success");
  const auto answer = stack().api("GET", "tasks/" + std::to_string(id));
  EXPECT_EQ(answer.json["Runs"].Size(), 1U);
  EXPECT_TRUE(eventually([&] { return std::system(journal.c_str()) != 0; }, 10s));
}

// Processes started by supervisord end with it, so that the next one does not run everything twice.
TEST_F(StackTest, AKilledSupervisordLeavesNoRunnerBesideThoseOfTheNext) {
  expectLoggedTrouble();
  log().expect("a runner died; its runs were ended as timeout");
  stack().control("stop task-runner:*");
  const std::string home = kHome;
  const std::string mine = home + "/second.conf";
  std::ofstream(mine) << "[supervisord]\nuser=root\npidfile=" << home << "/second.pid\nlogfile=" << home
                      << "/second-supervisord.out\n[include]\nfiles=" << home
                      << "/supervisord.d/taskqueue.conf\n";
  const auto runners = [&] { return stack().runnerPids().size(); };
  const auto begun = std::chrono::steady_clock::now();
  stack().control("stop taskqueue-fcgi:*");
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 20s) << "supervisord kills it after 30 s";
  const auto away = stack().page("/tasks");
  EXPECT_EQ(away.status, 502);
  EXPECT_THAT(away.body, HasSubstr("The task queue does not respond")) << "nginx answers with our own page";
  EXPECT_THAT(stack().api("GET", "tasks").body, HasSubstr(R"("status":502)"));
  for (int round = 0; round < 3; ++round) {
    ASSERT_EQ(std::system(("supervisord -c " + mine).c_str()), 0);
    ASSERT_TRUE(eventually([&] { return runners() == 2; }, 20s)) << round;
    for (int i = 0; i < 4; ++i) stack().enqueue("Echo", R"({"sleep":0.3})");
    ASSERT_EQ(std::system(("kill -9 $(cat " + home + "/second.pid)").c_str()), 0);
    EXPECT_TRUE(eventually(
        [&] {
          return std::system(
                     ("pgrep -f 'task-runne[r] --config " + home + ".*--end-with' > /dev/null").c_str()) != 0;
        },
        10s))
        << round;
  }
  EXPECT_TRUE(eventually(
      [&] { return std::system(("pgrep -f 'taskqueue-fcg[i] .*" + home + "' > /dev/null").c_str()) != 0; },
      10s));
  std::system(("rm -f " + home + "/second*").c_str());
  stack().control("restart taskqueue-fcgi:*");
  stack().control("start task-runner:*");
  EXPECT_TRUE(eventually([&] { return runners() == 2; }, 20s));
}

}  // namespace
}  // namespace taskqueue::tests
