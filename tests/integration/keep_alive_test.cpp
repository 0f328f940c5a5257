// Other ways than supervisord to keep runners alive and to trigger the overseer: cron runs the lines of
// runner/cron/taskqueue.in.
#include <gmock/gmock.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <thread>

#include "tests/integration/stack_test.h"

namespace taskqueue::tests {
namespace {

using ::testing::HasSubstr;

class KeepAliveTest : public StackTest {
 protected:
  static void setRunnerLimit(int limit) {
    auto& database = stack().database();
    database.executeText("UPDATE " + database.names().prefix() +
                             "SystemSettings SET VariableValue = ? WHERE VariableName = 'TaskRunnerLimit'",
                         {std::int64_t{limit}});
  }
  ~KeepAliveTest() override { setRunnerLimit(2); }

  static std::size_t runnerCount() { return stack().runnerPids().size(); }
  static std::vector<int> runnersBesides(const std::vector<int>& known) {
    std::vector<int> others = stack().runnerPids();
    std::erase_if(others, [&](int pid) { return std::find(known.begin(), known.end(), pid) != known.end(); });
    return others;
  }
};

// Returns the crontab's commands that call for `what`, including commented-out ones, adapted to this stack.
std::vector<std::string> commandsFor(const std::string& what, const Stack& stack) {
  constexpr int kWordsBefore = 6;  // the fields for the time and the user
  const std::string home = stack.setting("HOME_DIR");
  const std::string header = home + "/event.header";
  const std::string wgetrc = home + "/event.wgetrc";
  std::ofstream(header) << "Authorization: Bearer " << stack.setting("EVENT_SECRET") << "\n";
  std::ofstream(wgetrc) << "header = Authorization: Bearer " << stack.setting("EVENT_SECRET") << "\n";
  std::vector<std::string> commands;
  std::ifstream crontab(std::string(TASKQUEUE_CHECKOUT) + "/runner/cron/taskqueue.in");
  for (std::string line; std::getline(crontab, line);) {
    if (line.find("* * * * * ") > 1 || line.find(what) == std::string::npos) continue;
    std::size_t at = 0;
    for (int word = 0; word < kWordsBefore; ++word) at = line.find(' ', at) + 1;
    std::string command = line.substr(at, line.find(" >> $LOG") - at);
    for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
             {"taskqueue --config /etc/taskqueue/taskqueue.ini",
              home + "/program/bin/taskqueue --config " + home + "/taskqueue.ini"},
             {"/etc/taskqueue/event.header", header},
             {"/etc/taskqueue/event.wgetrc", wgetrc},
             {"https://www.example.com/taskqueue", stack.setting("BASE_URL")}}) {
      if (const auto found = command.find(from); found != std::string::npos)
        command.replace(found, from.size(), to);
    }
    commands.push_back(command);
  }
  return commands;
}

// Runs the command like cron: with /bin/sh, as the runners' user, with almost no environment.
CommandAnswer asCron(const std::string& command) {
  return test_support::runShell(
      "env -i PATH=/usr/bin:/bin HOME=/ setpriv --reuid taskqueue --regid taskqueue --init-groups -- /bin/sh "
      "-c '" +
      command + "' 2>&1");
}

TEST_F(KeepAliveTest, EachLineOfTheCrontabForTheOverseerCallsIt) {
  const auto commands = commandsFor("task-queue:OnProcess", stack());
  ASSERT_EQ(commands.size(), 3U);  // the command line, curl, wget
  for (const std::string& command : commands) {
    const CommandAnswer answer = asCron(command);
    EXPECT_EQ(answer.exitStatus, 0) << command << "\n" << answer.output;
    EXPECT_THAT(answer.output, HasSubstr("\"CreatedTaskRuns\":")) << command;
  }
}

TEST_F(KeepAliveTest, TheLineOfTheCrontabForSitesWithoutARunnerWorksOnTasks) {
  const auto commands = commandsFor("OnCreateTaskRunners", stack());
  ASSERT_EQ(commands.size(), 1U);
  ASSERT_TRUE(eventually([] { return runnerCount() == 2; }, 30s));
  CommandAnswer answer = asCron(commands.front());
  EXPECT_EQ(answer.exitStatus, 0) << answer.output;
  EXPECT_THAT(answer.output, HasSubstr("2 runners run, and TaskRunnerLimit allows 2."));
  setRunnerLimit(3);
  answer = asCron(commands.front());
  EXPECT_EQ(answer.exitStatus, 0) << answer.output;
  EXPECT_THAT(answer.output, HasSubstr("\"TaskRunnerId\":"));
}

TEST_F(KeepAliveTest, ALineOfTheCrontabIsARunnerWhileOneIsMissing) {
  ASSERT_TRUE(eventually([] { return runnerCount() == 2; }, 30s));
  const std::vector<int> before = stack().runnerPids();
  const auto commands = commandsFor("task-runner:OnProcess", stack());
  ASSERT_EQ(commands.size(), 2U);
  EXPECT_EQ(asCron(commands.front()).output, "{\"WasTaskRunner\":false}\n");
  setRunnerLimit(3);
  // The same line runs twice in one minute: one runner is missing, and one is started.
  std::vector<CommandAnswer> answers(2);
  std::atomic<int> ended = 0;
  std::vector<std::thread> lines;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    lines.emplace_back([&, i] {
      answers[i] = asCron(commands[i]);
      ++ended;
    });
  }
  // This must happen before the new runner is told to end: otherwise a late line would find one missing
  // again.
  EXPECT_TRUE(eventually([&] { return ended == 1; }, 20s));
  EXPECT_TRUE(eventually([] { return runnerCount() == 3; }, 10s));
  const int id = stack().enqueue("Echo", R"({"message":"with three"})");
  EXPECT_EQ(stack().finalStatus(id), "success");
  EXPECT_EQ(runnerCount(), 3U);
  for (const int pid : runnersBesides(before)) ::kill(pid, SIGTERM);
  for (auto& line : lines) line.join();
  std::vector<std::string> said{answers[0].output, answers[1].output};
  std::sort(said.begin(), said.end());
  EXPECT_EQ(said.front(), "{\"WasTaskRunner\":false}\n");
  EXPECT_THAT(said.back(), HasSubstr("{\"WasTaskRunner\":true}\n"));
  EXPECT_EQ(answers[0].exitStatus, 0);
  EXPECT_EQ(answers[1].exitStatus, 0);
  EXPECT_TRUE(eventually([] { return runnerCount() == 2; }, 10s));
}

TEST_F(KeepAliveTest, ARunnerOfTheCrontabDrainsWithItsLine) {
  ASSERT_TRUE(eventually([] { return runnerCount() == 2; }, 30s));
  const std::vector<int> before = stack().runnerPids();
  setRunnerLimit(3);
  const auto command = commandsFor("task-runner:OnProcess", stack()).at(0);
  CommandAnswer answer;
  std::thread line([&] { answer = asCron(command); });
  EXPECT_TRUE(eventually([] { return runnerCount() == 3; }, 10s));
  // The new runner's parent is the command of the crontab line.
  const std::vector<int> started = runnersBesides(before);
  ASSERT_EQ(started.size(), 1U);
  std::ifstream status("/proc/" + std::to_string(started.front()) + "/status");
  int parent = 0;
  for (std::string text; std::getline(status, text);) {
    if (text.starts_with("PPid:")) parent = std::atoi(text.c_str() + 5);
  }
  ASSERT_GT(parent, 1);
  ::kill(parent, SIGTERM);
  line.join();
  EXPECT_EQ(answer.exitStatus, 0) << answer.output;
  EXPECT_TRUE(eventually([] { return runnerCount() == 2; }, 10s));
}

TEST_F(KeepAliveTest, TheRunnersEventWorksOverHttp) {
  ASSERT_TRUE(eventually([] { return runnerCount() == 2; }, 30s));
  EXPECT_THAT(stack().event("task-runner:OnProcess").body, HasSubstr("\"StartedTaskRunners\":0"));
  setRunnerLimit(3);
  const auto answer = stack().event("task-runner:OnProcess");
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body, HasSubstr("\"TaskRunnerId\":"));
}

}  // namespace
}  // namespace taskqueue::tests
