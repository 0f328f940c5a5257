// Handlers' behaviour, and the resulting status of their runs.
#include "tests/integration/stack_test.h"

#include <cstdlib>
#include <filesystem>
#include <map>

namespace taskqueue::tests {
namespace {

TEST_F(StackTest, AFailingTaskIsTriedAgainUntilMaxRetries) {
  const int id = stack().enqueue("Echo", R"({"fail":"no"})", 2);
  EXPECT_EQ(stack().finalStatus(id), "error");
  const auto answer = stack().api("GET", "tasks/" + std::to_string(id));
  EXPECT_EQ(answer.json["Runs"].Size(), 2U);
  EXPECT_EQ(answer.json["Task"]["TaskRunsFailed"].GetInt(), 2);
  EXPECT_STREQ(answer.json["Runs"][0]["ErrorCode"].GetString(), "echo_failed");
  EXPECT_EQ(stack().api("POST", "tasks/" + std::to_string(id) + "/cancel").status, 409);
  EXPECT_EQ(stack().api("POST", "tasks/" + std::to_string(id) + "/retry").status, 200);
  EXPECT_EQ(stack().finalStatus(id), "error");
  EXPECT_EQ(stack().api("GET", "tasks/" + std::to_string(id)).json["Runs"].Size(), 4U);
}

TEST_F(StackTest, ACrashOfAHandlerEndsItsRunAlone) {
  const int id = stack().enqueue("Echo", R"({"crash":11})", 1);
  EXPECT_EQ(stack().finalStatus(id), "error");
  const auto run = stack().newestRun(id);
  EXPECT_STREQ(run["ErrorCode"].GetString(), "signal");
  EXPECT_EQ(run["ExitSignal"].GetInt(), 11);
}

TEST_F(StackTest, ACommandHandlesATask) {
  writeScript("shell.sh",
              "data=$(cat)\necho \"got $data\"\necho oops >&2\n"
              "echo '{\"type\":\"progress\",\"PercentsCompleted\":50,\"ProgressNote\":\"half\"}' >&3\n"
              "echo '{\"type\":\"result\",\"Results\":{\"n\":1}}' >&3\n");
  const int id = stack().enqueue("Shell", R"({"a":1})", 1);
  EXPECT_EQ(stack().finalStatus(id), "success");
  const auto run = stack().newestRun(id);
  EXPECT_EQ(run["Results"]["n"].GetInt(), 1);
  const std::string output = "runs/" + std::to_string(run["Id"].GetInt()) + "/output?stream=";
  EXPECT_STREQ(stack().api("GET", output + "stdout").json["Content"].GetString(), "got {\"a\":1}\n");
  EXPECT_STREQ(stack().api("GET", output + "stderr").json["Content"].GetString(), "oops\n");
}

TEST_F(StackTest, ACommandThatCannotBeStartedIsAnError) {
  for (const char* name : {"Missing", "NotExecutable"}) {
    const int id = stack().enqueue(name, "{}", 1);
    EXPECT_EQ(stack().finalStatus(id), "error");
    EXPECT_STREQ(stack().newestRun(id)["ErrorCode"].GetString(), "launch_failed");
  }
}

TEST_F(StackTest, OutputThatIsNoTextIsMadeText) {
  writeScript("odd.sh", "printf 'a\\000b\\377c\\303'\n");
  const int id = stack().enqueue("Odd", "{}", 1);
  EXPECT_EQ(stack().finalStatus(id), "success");
  const auto output =
      stack().api("GET", "runs/" + std::to_string(stack().newestRun(id)["Id"].GetInt()) + "/output");
  EXPECT_STREQ(output.json["Content"].GetString(),
               "ab\xEF\xBF\xBD"
               "c\xEF\xBF\xBD");
}

TEST_F(StackTest, MuchOutputBeyondAsciiIsShownWhileItRuns) {
  writeScript("odd.sh",
              "i=0\nwhile [ $i -lt 40000 ]; do echo ééééééééééééééééééé€😀; i=$((i+1)); done\nsleep 1\n");
  const int id = stack().enqueue("Odd", "{}", 1);
  EXPECT_EQ(stack().finalStatus(id), "success");
  EXPECT_EQ(stack().newestRun(id)["StandardOutputBytes"].GetInt64(), 40000 * (19 * 2 + 3 + 4 + 1));
}

TEST_F(StackTest, MuchOutputKeepsHeadAndTailAndTellsWhatIsMissing) {
  const int id = stack().enqueue("Echo", R"({"output":100000000})", 1);
  EXPECT_EQ(stack().finalStatus(id, 120s), "success");
  const auto run = stack().newestRun(id);
  EXPECT_EQ(run["StandardOutputBytes"].GetInt64(), 100000000);
  EXPECT_GT(run["StandardOutputDropped"].GetInt64(), 98000000);
  const std::string output = "runs/" + std::to_string(run["Id"].GetInt()) + "/output?offset=";
  EXPECT_EQ(stack().api("GET", output + "99999999").json["NextOffset"].GetInt64(), 100000000);
  EXPECT_TRUE(stack().api("GET", output + "99999999").json["Complete"].GetBool());
}

TEST_F(StackTest, ACommandHasADirectoryOfItsOwnAndAnEnvironmentThatIsListed) {
  writeScript("limited.sh",
              "pwd\necho $TMPDIR\ntouch left-over\nenv | cut -d = -f 1 | sort | tr '\\n' ' '\n"
              "echo $COLOUR $WORDS\n");
  const int id = stack().enqueue("Limited", "{}", 1);
  EXPECT_EQ(stack().finalStatus(id), "success");
  const std::string runId = std::to_string(stack().newestRun(id)["Id"].GetInt());
  const std::string text = stack().api("GET", "runs/" + runId + "/output").json["Content"].GetString();
  const std::string directory = text.substr(0, text.find('\n'));
  EXPECT_EQ(text, directory + "\n" + directory +
                      "\nCOLOUR HOME LANG PATH PWD TASKQUEUE_ATTEMPT TASKQUEUE_CONTROL_FD TASKQUEUE_RUN_ID "
                      "TASKQUEUE_TASK_ID TASKQUEUE_WORKER TMPDIR WORDS blue two words\n");
  EXPECT_NE(directory.find("/run/runners/work/"), std::string::npos) << directory;
  EXPECT_FALSE(std::filesystem::exists(directory));
}

TEST_F(StackTest, ACommandThatUsesMoreThanItMayIsStopped) {
  const std::map<std::string, std::string> greedy{
      {"exec php -d memory_limit=-1 -r '$all = str_repeat(\"x\", 400000000);'", "exit_status"},
      {"while :; do :; done", "signal"},
      {"exec head -c 5000000 /dev/zero > big", "signal"}};
  for (const auto& [text, code] : greedy) {
    writeScript("limited.sh", text + "\n");
    const int id = stack().enqueue("Limited", "{}", 1);
    EXPECT_EQ(stack().finalStatus(id), "error") << text;
    EXPECT_EQ(std::string(stack().newestRun(id)["ErrorCode"].GetString()), code) << text;
  }
}

TEST_F(StackTest, TheExitStatusOfACommandSaysWhatComesNext) {
  writeScript("limited.sh", "exit 75\n");
  const int retried = stack().enqueue("Limited", "{}", 2);
  EXPECT_EQ(stack().finalStatus(retried), "error");
  EXPECT_EQ(stack().newestRun(retried)["Attempt"].GetInt(), 2);
  writeScript("limited.sh", "exit 65\n");
  const int givenUp = stack().enqueue("Limited", "{}", 5);
  EXPECT_EQ(stack().finalStatus(givenUp), "error");
  EXPECT_EQ(stack().newestRun(givenUp)["Attempt"].GetInt(), 1);
}

TEST_F(StackTest, WhatACommandLeavesBehindIsKilledWithIt) {
  writeScript(
      "shell.sh",
      "setsid env -i sleep 301 &\n(setsid sh -c 'sleep 301 & sleep 301' &)\nsetsid env -i sh -c 'while :; do "
      "sleep 301 & sleep 0.02; done' >&- 2>&- <&- 3>&- &\nsleep 0.3\n");
  EXPECT_EQ(stack().finalStatus(stack().enqueue("Shell", "{}", 1)), "success");
  EXPECT_TRUE(eventually([] { return std::system("pgrep -f 'slee[p] 301' > /dev/null") != 0; }, 1s));
}

TEST_F(StackTest, CancelStopsTheWholeTreeOfAStubbornCommand) {
  writeScript("stubborn.sh", "trap '' TERM\nsetsid sleep 300 &\nsleep 300 &\nwhile :; do sleep 1; done\n");
  const int id = stack().enqueue("Stubborn", "{}", 1);
  ASSERT_TRUE(eventually([&] { return stack().lastStatus(id) == "running"; }, 10s));
  EXPECT_EQ(stack().api("POST", "tasks/" + std::to_string(id) + "/cancel").status, 202);
  EXPECT_EQ(stack().finalStatus(id, 10s), "cancelled");
  EXPECT_TRUE(eventually([] { return std::system("pgrep -f 'slee[p] 300' > /dev/null") != 0; }, 3s));
}

}  // namespace
}  // namespace taskqueue::tests
