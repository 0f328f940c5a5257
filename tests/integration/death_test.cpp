// Kills: nothing acknowledged is lost, nothing is left behind.
#include "tests/integration/stack_test.h"

#include <signal.h>

#include <cstdlib>
#include <vector>

namespace taskqueue::tests {
namespace {

TEST_F(StackTest, AKilledRunnerIsNoticedAndItsTaskTriedAgain) {
  const int id = stack().enqueue("Echo", R"({"sleep":3,"steps":30})");
  ASSERT_TRUE(eventually([&] { return stack().lastStatus(id) == "running"; }, 10s));
  const int pid = pidOfRunner(stack().newestRun(id)["TaskRunnerId"].GetInt());
  ASSERT_GT(pid, 1);
  ::kill(pid, SIGKILL);
  EXPECT_TRUE(eventually([&] { return stack().lastStatus(id) != "running"; }, 5s));
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

}  // namespace
}  // namespace taskqueue::tests
