// The command line, run by the runners' user.
#include <gmock/gmock.h>
#include <signal.h>

#include <algorithm>
#include <cstdlib>

#include "tests/integration/stack_test.h"

namespace taskqueue::tests {
namespace {

using ::testing::HasSubstr;

TEST_F(StackTest, TheCommandLineEnqueuesShowsAndFollows) {
  const auto added = stack().commandLine(R"(enqueue Echo '{"message":"from a shell","sleep":1,"steps":2}')");
  ASSERT_EQ(added.exitStatus, 0) << added.output;
  const int id = std::atoi(added.output.c_str());
  ASSERT_TRUE(eventually([&] { return stack().newestRun(id).IsObject(); }, 10s));
  const auto followed = stack().commandLine("tail " + std::to_string(id));
  EXPECT_EQ(followed.exitStatus, 0);
  EXPECT_EQ(followed.output, "from a shell\n");
  const auto shown = stack().commandLine("show " + std::to_string(id));
  EXPECT_THAT(shown.output, HasSubstr("Echo  success"));
  EXPECT_THAT(shown.output, HasSubstr("attempt 1  success  100 %"));
  EXPECT_THAT(stack().commandLine("runners").output, HasSubstr("running"));
  EXPECT_THAT(stack().commandLine("migrate").output, HasSubstr("0 applied"));
}

TEST_F(StackTest, TheCommandLineRefusesWhatIsWrong) {
  const auto before = stack().count("{TaskQueue}");
  EXPECT_EQ(stack().commandLine("enqueue Nope '{}'").exitStatus, 65);
  EXPECT_THAT(stack().commandLine("enqueue Echo '{\"sleep\":-1}'").output, HasSubstr("/TaskData/sleep"));
  EXPECT_EQ(stack().commandLine("enqueue Echo '{'").exitStatus, 65);
  EXPECT_EQ(stack().commandLine("show 2147483647").exitStatus, 1);
  EXPECT_EQ(stack().commandLine("event task-queue:OnNothing").exitStatus, 64);
  const auto nothing = stack().commandLine("nothing");
  EXPECT_EQ(nothing.exitStatus, 64);
  EXPECT_THAT(nothing.output, HasSubstr("there is no command 'nothing'; there are: migrate enqueue"));
  EXPECT_EQ(stack().commandLine("").exitStatus, 64);
  EXPECT_EQ(stack().count("{TaskQueue}"), before);
}

TEST_F(StackTest, TheCommandLineListsCancelsRetriesAndTellsOfTheHealth) {
  const auto added = stack().commandLine("enqueue Noop '{}' --title by-hand --scheduled-on 2000000000");
  ASSERT_EQ(added.exitStatus, 0) << added.output;
  const std::string id = std::to_string(std::atoi(added.output.c_str()));
  EXPECT_THAT(stack().commandLine("list --title by-hand --status scheduled").output,
              HasSubstr(id + "  Noop"));
  EXPECT_EQ(stack().commandLine("list --title by-hand --status success").output, "");
  EXPECT_EQ(stack().commandLine("list --status odd").exitStatus, 64);
  EXPECT_EQ(stack().commandLine("cancel " + id).output, "task " + id + " is cancelled\n");
  EXPECT_EQ(stack().commandLine("cancel " + id).exitStatus, 1);
  const std::string isScheduled = "task " + id + " is scheduled again\n";
  EXPECT_EQ(stack().commandLine("retry " + id).output, isScheduled);
  EXPECT_THAT(stack().commandLine("list --title by-hand --status scheduled").output, HasSubstr(id + "  Noop"))
      << "it keeps its time";
  EXPECT_EQ(stack().commandLine("retry " + id).output, isScheduled);
  EXPECT_EQ(stack().finalStatus(std::atoi(id.c_str())), "success");
  EXPECT_THAT(stack().commandLine("retry 2147483647").output, HasSubstr("there is no task 2147483647"));
  EXPECT_THAT(stack().commandLine("stop 2147483647").output, HasSubstr("runner 2147483647 is not running"));
  EXPECT_EQ(stack().commandLine("drain 2147483647").exitStatus, 1);
  const auto health = stack().commandLine("health");
  EXPECT_THAT(health.output, HasSubstr("ok  database"));
  EXPECT_THAT(health.output, HasSubstr("ok  runners  2 online"));
  EXPECT_EQ(health.exitStatus, ("\n" + health.output).find("\nfailed  ") == std::string::npos ? 0 : 1)
      << health.output;
}

TEST_F(StackTest, ANameThatNobodyKnowsIsPausedAndSaidToBeUnknown) {
  EXPECT_THAT(stack().commandLine("pause handler Ehco").output,
              HasSubstr("No runner has announced a handler 'Ehco' so far."));
  EXPECT_EQ(stack().commandLine("resume handler Ehco").exitStatus, 0);
  EXPECT_THAT(stack().commandLine("limit Ehco 0").output, HasSubstr("unlimited at the same time"));
}

TEST_F(StackTest, MetricsAreForWhoeverHasTheToken) {
  EXPECT_EQ(stack().request("GET", "/metrics").status, 401);
  const auto metrics =
      stack().request("GET", "/metrics", "", {"Authorization: Bearer " + stack().setting("API_TOKEN")});
  EXPECT_EQ(metrics.status, 200);
  EXPECT_THAT(metrics.body, HasSubstr("taskqueue_runners_alive 2\n"));
}

TEST_F(StackTest, TheMissingRunnersAreStartedOnce) {
  const auto setLimit = [](int limit) {
    auto& database = stack().database();
    database.executeText("UPDATE " + database.names().prefix() +
                             "SystemSettings SET VariableValue = ? WHERE VariableName = 'TaskRunnerLimit'",
                         {std::int64_t{limit}});
  };
  ASSERT_TRUE(eventually([] { return stack().runnerPids().size() == 2; }, 30s));
  const std::vector<int> before = stack().runnerPids();
  setLimit(3);
  EXPECT_EQ(stack().commandLine("event task-queue:OnCreateTaskRunners").output,
            "{\"StartedTaskRunners\":1}\n");
  EXPECT_EQ(stack().commandLine("event task-queue:OnCreateTaskRunners").output,
            "{\"StartedTaskRunners\":0}\n");
  setLimit(2);
  for (const int pid : stack().runnerPids()) {
    if (std::find(before.begin(), before.end(), pid) == before.end()) ::kill(pid, SIGTERM);
  }
  EXPECT_TRUE(eventually([] { return stack().runnerPids().size() == 2; }, 10s));
}

}  // namespace
}  // namespace taskqueue::tests
