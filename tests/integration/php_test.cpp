// PHP handlers and the PHP client, with the real php.
#include <gmock/gmock.h>
#include <signal.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "tests/integration/stack_test.h"
#include "tests/support/worker_processes.h"

namespace taskqueue::tests {
namespace {

using ::testing::HasSubstr;

class PhpTest : public StackTest {
 protected:
  // Runs PhpEnds to its end, with `how` in TaskData, and returns the newest run.
  json::Document runOf(const std::string& how, const std::string& status, int maxRetries = 1) {
    const int id = stack().enqueue("PhpEnds", R"({"how":")" + how + "\"}", maxRetries);
    EXPECT_EQ(stack().finalStatus(id), status) << how;
    return stack().newestRun(id);
  }
  std::string output(const json::Document& run, const std::string& stream) {
    const auto answer =
        stack().api("GET", "runs/" + std::to_string(run["Id"].GetInt()) + "/output?stream=" + stream);
    return answer.status == 200 ? answer.json["Content"].GetString() : "";
  }
  // Returns the exit status of a PHP test, which gets the installed classes and the variables of serve.env.
  static int runScript(const std::string& name) {
    const std::string home = stack().setting("HOME_DIR");
    const std::string command = "set -a; . " + home + "/serve.env; php " + TASKQUEUE_CHECKOUT +
                                "/tests/support/php/" + name + " " + home +
                                "/program/share/taskqueue/php/autoload.php";
    return std::system(command.c_str());
  }
};

TEST_F(PhpTest, AHandlerReportsProgressOutputAndResults) {
  const int id = stack().enqueue("PhpReport", R"({"rows":3})");
  EXPECT_EQ(stack().finalStatus(id), "success");
  const auto run = stack().newestRun(id);
  EXPECT_EQ(run["Results"]["rows"].GetInt(), 3);
  EXPECT_STREQ(run["Results"]["name"].GetString(), "Zürich €");
  EXPECT_STREQ(run["ProgressNote"].GetString(), "row 3 of 3");
  EXPECT_EQ(output(run, "stdout"), "row 1\nrow 2\nrow 3\n");
  EXPECT_EQ(output(run, "stderr"), "checked 1\nchecked 2\nchecked 3\n");
  EXPECT_GT(run["MaxRssKb"].GetInt64(), 1000);
}

TEST_F(PhpTest, TaskDataIsCheckedAgainstTheSchemaOfTheClass) {
  const auto refused =
      stack().api("POST", "tasks", R"({"TaskHandlerClass":"PhpReport","TaskData":{"rows":-1}})");
  EXPECT_EQ(refused.status, 422);
  EXPECT_THAT(refused.body, HasSubstr("/TaskData/rows"));
}

TEST_F(PhpTest, EachWayToFailIsAnErrorOfTheRunWithItsPlace) {
  const std::map<std::string, std::pair<std::string, std::string>> ends{
      {"exception", {"DomainException", "no such customer in /"}},
      {"warning", {"ErrorException", "hex2bin(): "}},
      {"exit", {"exit", "exit or die"}},
      {"fatal", {"Error", "noSuchMethod"}},
      {"redeclared", {"fatal_error", "handlers.php"}},
      {"memory", {"fatal_error", "Allowed memory size"}},
      {"signal", {"signal", "SIGSEGV"}},
      {"infinity", {"results", "Inf and NaN"}},
  };
  for (const auto& [how, expected] : ends) {
    const auto run = runOf(how, "error");
    EXPECT_EQ(std::string(run["ErrorCode"].GetString()), expected.first) << how;
    EXPECT_THAT(run["ErrorMessage"].GetString(), HasSubstr(expected.second)) << how;
    const bool hasPlace = how != "exit" && how != "signal" && how != "infinity";
    if (hasPlace) {
      EXPECT_THAT(run["ErrorMessage"].GetString(), HasSubstr("handlers.php")) << how;
    }
    const bool hasTrace = how == "exception" || how == "warning" || how == "fatal";
    EXPECT_THAT(output(run, "stderr"), HasSubstr(hasTrace ? "\n#0 " : "")) << how;
    EXPECT_EQ(output(run, "stdout"), how == "exit" ? "half of it" : "") << how;
  }
}

TEST_F(PhpTest, ANoticeIsKeptAndTheRunGoesOn) {
  const auto run = runOf("notice", "success");
  EXPECT_STREQ(run["Results"].GetString(), "went on");
  EXPECT_THAT(output(run, "stderr"), HasSubstr("only a notice in "));
}

TEST_F(PhpTest, AForkOfAWorkerEndsNoRun) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_STREQ(runOf("fork", "success")["Results"].GetString(), "of the worker");
    EXPECT_STREQ(runOf("notice", "success")["Results"].GetString(), "went on");
  }
}

TEST_F(PhpTest, WhatARunLeavesBehindIsKilledAndNamed) {
  const std::string told = output(runOf("background", "success"), "stderr");
  EXPECT_THAT(told, HasSubstr("sleep 300"));
  EXPECT_THAT(told, HasSubstr("sleep 301"));  // its environment lacks the marker
  for (const auto& process : test_support::workersOf(stack().runnerPids())) {
    EXPECT_THAT(process.command, ::testing::Not(HasSubstr("sleep 300")));
  }
}

TEST_F(PhpTest, StandardInputIsAtItsEnd) {
  const auto run = runOf("standard input", "success");
  EXPECT_EQ(run["Results"].Size(), 3U);
}

TEST_F(PhpTest, AHandlerChoosesWhatComesNext) {
  EXPECT_EQ(runOf("give up", "error", 5)["Attempt"].GetInt(), 1);
  const auto retried = runOf("retry", "error", 2);
  EXPECT_EQ(retried["Attempt"].GetInt(), 2);
  EXPECT_STREQ(retried["ErrorCode"].GetString(), "busy");
  const auto snoozed = runOf("snooze", "success");
  EXPECT_EQ(snoozed["Attempt"].GetInt(), 1);
  EXPECT_STREQ(snoozed["Results"].GetString(), "awake");
}

TEST_F(PhpTest, AHandlerThatSeesThatItIsCancelledStopsInGoodOrderAndIsNoSuccess) {
  const int id = stack().enqueue("PhpEnds", R"({"how":"patient"})", 1);
  ASSERT_TRUE(eventually([&] { return stack().lastStatus(id) == "running"; }, 10s));
  EXPECT_EQ(stack().api("POST", "tasks/" + std::to_string(id) + "/cancel").status, 202);
  EXPECT_TRUE(
      eventually([&] { return output(stack().newestRun(id), "stdout") == "stopped in good order\n"; }, 5s));
  EXPECT_EQ(stack().finalStatus(id), "cancelled");
  EXPECT_LT(stack().newestRun(id)["PercentsCompleted"].GetInt(), 100);
}

TEST_F(PhpTest, BrokenTemplatesDoNotKeepTheOthersFromBeingCompiled) {
  const int id = stack().enqueue("TemplateCompile", "{}");
  EXPECT_EQ(stack().finalStatus(id), "error");
  const auto run = stack().newestRun(id);
  EXPECT_EQ(run["Attempt"].GetInt(), 1);
  EXPECT_STREQ(run["ErrorMessage"].GetString(),
               "2 of 5 templates are broken:\nmail/order.tpl:3: the tag m_phrase is not closed\n"
               "product.tpl:2: the block m_if has no end");
  EXPECT_EQ(run["Results"]["Compiled"].GetInt(), 3);
  EXPECT_EQ(run["Results"]["Errors"][1]["Line"].GetInt(), 2);
  EXPECT_THAT(output(run, "stderr"), HasSubstr("product.tpl:2: the block m_if has no end\n"));
  EXPECT_STREQ(run["ProgressNote"].GetString(), "3 of 5");
  const auto refused =
      stack().api("POST", "tasks", R"({"TaskHandlerClass":"TemplateCompile","TaskData":{"File":"x"}})");
  EXPECT_EQ(refused.status, 422);
}

TEST_F(PhpTest, AWorkerIsKeptWarmAndRecycled) {
  std::set<int> pids;
  constexpr int kRuns = 60;
  for (int i = 0; i < kRuns; ++i) {
    const int id = stack().enqueue("PhpReport", R"({"rows":1})", 1);
    EXPECT_EQ(stack().finalStatus(id), "success");
    pids.insert(stack().newestRun(id)["Results"]["pid"].GetInt());
  }
  // A worker does 20 runs; there are two runners with up to four workers each.
  EXPECT_GE(pids.size(), 3U);
  EXPECT_LE(pids.size(), 12U);
}

// After a deployment, workers that start announce different classes.
TEST_F(PhpTest, NewClassesAreOfferedAndNoRunIsCutShortForThem) {
  const auto kill = [](const std::vector<int>& runners) {
    for (const auto& worker : test_support::workersOf(runners)) {
      if (worker.command.find("worker.php") != std::string::npos) ::kill(worker.pid, SIGKILL);
    }
  };
  std::filesystem::remove("/tmp/taskqueue-starts");
  writeScript("shell.sh", "echo start >> /tmp/taskqueue-starts\nsleep 5\n");
  const int longRun = stack().enqueue("Shell", "{}", 1);
  ASSERT_TRUE(eventually([&] { return stack().lastStatus(longRun) == "running"; }, 10s));
  std::ofstream(stack().setting("HOME_DIR") + "/handlers/later.php")
      << "<?php return ['PhpAdded' => static function (): \\TaskQueue\\ITaskHandler { return new PhpEnds(); "
         "}];\n";
  kill(stack().runnerPids());
  const auto isOffered = [] {
    stack().enqueue("PhpReport", R"({"rows":1})", 1);  // makes each runner start a worker
    const auto handlers = stack().api("GET", "handlers");
    return handlers.status == 200 && handlers.body.find("PhpAdded") != std::string::npos;
  };
  EXPECT_TRUE(eventually(isOffered, 20s));
  EXPECT_EQ(stack().finalStatus(longRun), "success");
  std::ifstream starts("/tmp/taskqueue-starts");
  EXPECT_EQ((std::string{std::istreambuf_iterator<char>(starts), {}}), "start\n");
  EXPECT_EQ(stack().finalStatus(stack().enqueue("PhpAdded", R"({"how":"notice"})", 1)), "success");
}

TEST_F(PhpTest, ASiteEnqueuesOverItsOwnConnectionAndOverHttp) {
  EXPECT_EQ(runScript("client_test.php"), 0);
}

TEST_F(PhpTest, ASiteCallsTheMethodsOfTheQueueOverHttp) {
  const std::string home = stack().setting("HOME_DIR");
  const std::string command = "php " TASKQUEUE_CHECKOUT "/tests/support/php/manager_test.php http " +
                              stack().setting("BASE_URL") + " " + home + "/site/event.secret";
  EXPECT_EQ(std::system(command.c_str()), 0);
}

// The test runs its own php-fpm and nginx in front of this stack's program. Their logs contain the rejected
// requests; ours do not.
TEST_F(PhpTest, AdministratorsOfTheSiteSignInThroughIt) {
  EXPECT_EQ(runScript("sign_in_test.php"), 0);
}

TEST_F(PhpTest, ASiteMayHaveSetUpItsConnectionInItsOwnWay) {
  EXPECT_EQ(runScript("connections_test.php"), 0);
}

TEST_F(PhpTest, MessagesOfSymfonyMessengerRunAsTasks) {
  EXPECT_EQ(runScript("messenger_stack_test.php"), 0);
}

TEST_F(PhpTest, JobsOfLaravelRunAsTasks) {
  EXPECT_EQ(runScript("laravel_stack_test.php"), 0);
}

}  // namespace
}  // namespace taskqueue::tests
