// The command line, as the user of the runners.
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
  EXPECT_EQ(stack().commandLine("nothing").exitStatus, 64);
  EXPECT_EQ(stack().count("{TaskQueue}"), before);
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
