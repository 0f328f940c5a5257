// A bootstrap file breaks, is fixed, and changes, under a real runner with the real worker.php.
#include <gmock/gmock.h>
#include <signal.h>

#include <filesystem>
#include <fstream>

#include "module/queue/due_task.h"
#include "tests/chaos/runners_test.h"
#include "tests/support/eventually.h"
#include "tests/support/worker_processes.h"

namespace taskqueue::chaos {
namespace {

using namespace std::chrono_literals;
using test_support::eventually;
using ::testing::HasSubstr;

constexpr const char* kHost =
    "[worker.php]\n"
    "command=/usr/bin/php @DIRECTORY@/php/worker.php --bootstrap=@DIRECTORY@/tasks.php --recycle-runs=1\n";

class PhpHost : public RunnersTest {
 protected:
  explicit PhpHost(const std::string& database = "php_host") : RunnersTest(database, kHost) {
    offer({"Report"});
  }

  // Deploys a file by replacing the existing one.
  void write(const std::string& code) {
    const std::string path = directory() + "/tasks.php";
    std::ofstream(path + ".new") << "<?php\n" << code;
    std::filesystem::permissions(path + ".new", std::filesystem::perms(0644));
    std::filesystem::rename(path + ".new", path);
  }
  void offer(const std::vector<std::string>& classes) {
    std::string code =
        "final class R implements TaskQueue\\ITaskHandler { public function handleTaskRun(TaskQueue\\TaskRun "
        "$run) { return getmypid(); } }\nreturn [";
    for (const std::string& name : classes)
      code += "'" + name + "' => static function (): TaskQueue\\ITaskHandler { return new R(); }, ";
    write(code + "];\n");
  }
  void breakIt() { write("// the second line\n$a = ;\n"); }

  int enqueueOne(const std::string& taskHandlerClass) {
    EXPECT_TRUE(enqueue({{.taskHandlerClass = taskHandlerClass}}));
    return eye().queryText("SELECT MAX(Id) FROM inp_TaskQueue").at(0).number();
  }
  bool succeeds(int id) {
    return eventually([&] { return store().tasks.findTask(id).value().lastStatus == RunStatus::Success; },
                      60s);
  }
  bool isOffered(const std::string& taskHandlerClass) {
    return eventually(
        [&] {
          const auto handler = store().handlers.findHandler(taskHandlerClass);
          return handler && handler->liveRunners == 1;
        },
        60s);
  }
  // Returns the first problem that the running runner reports of itself.
  std::string problem() {
    const auto runners = store().runners.findRunners(/*onlyRunning=*/true, 1);
    return runners.empty() || runners[0].problems.empty() ? "" : runners[0].problems[0].problem;
  }
};

TEST_F(PhpHost, OneThatIsBrokenFromTheStartKeepsNoOtherHandlerAwayAndIsServedOnceItIsMended) {
  breakIt();
  RunnerProcess runner(directory());
  EXPECT_TRUE(succeeds(enqueueOne("Noop"))) << logText();
  EXPECT_TRUE(eventually([&] { return problem().find("tasks.php:3") != std::string::npos; }, 60s))
      << problem();
  EXPECT_THAT(problem(), HasSubstr("ParseError"));
  const int waits = enqueueOne("Report");
  EXPECT_TRUE(eventually(
      [&] {
        return store().tasks.findTask(waits).value().parkedReason == std::string(kNoRunnerReason) + "Report";
      },
      60s));
  offer({"Report"});
  EXPECT_TRUE(succeeds(waits)) << logText();
  EXPECT_TRUE(eventually([&] { return problem().empty(); }, 60s)) << problem();
  EXPECT_FALSE(runner.hasEnded()) << "the runner that was there serves it";
  EXPECT_EQ(store().tasks.runsOfTask(waits).size(), 1U) << "it has lost no try";
  runner.stop();
  expectAllIsWell(runner.pids());
}

TEST_F(PhpHost, OneThatBreaksLaterIsServedByTheWorkersThatAreThereUntilItIsMended) {
  RunnerProcess runner(directory());
  ASSERT_TRUE(isOffered("Report")) << logText();
  const int first = enqueueOne("Report");
  ASSERT_TRUE(succeeds(first)) << logText();
  breakIt();
  // Each run uses up its worker (--recycle-runs=1), and no other worker can start.
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(succeeds(enqueueOne("Report"))) << logText();
  EXPECT_TRUE(eventually([&] { return problem().find("tasks.php:3") != std::string::npos; }, 60s))
      << problem();
  EXPECT_EQ(store().handlers.findHandler("Report").value().liveRunners, 1);
  offer({"Report"});
  EXPECT_TRUE(eventually([&] { return problem().empty(); }, 60s)) << problem();
  EXPECT_TRUE(succeeds(enqueueOne("Report"))) << logText();
  EXPECT_FALSE(runner.hasEnded());
  EXPECT_EQ(eye().queryText("SELECT COUNT(*) FROM inp_TaskRuns WHERE Status <> 'success'").at(0).integer(),
            0);
  runner.stop();
  expectAllIsWell(runner.pids());
}

TEST_F(PhpHost, OneWhoseLastWorkerDiesWhileItIsBrokenIsWithdrawnAndLosesNoTry) {
  RunnerProcess runner(directory());
  ASSERT_TRUE(isOffered("Report")) << logText();
  breakIt();
  ASSERT_TRUE(succeeds(enqueueOne("Report"))) << logText();
  ASSERT_TRUE(eventually([&] { return !problem().empty(); }, 60s)) << logText();
  for (const auto& worker : test_support::workersOf(runner.pids())) {
    if (worker.command.find("worker.php") != std::string::npos) ::kill(worker.pid, SIGKILL);
  }
  EXPECT_TRUE(
      eventually([&] { return store().handlers.findHandler("Report").value().liveRunners == 0; }, 60s))
      << logText();
  EXPECT_TRUE(store().handlers.findHandler("Report").value().offeredUntil);
  const int waits = enqueueOne("Report");
  EXPECT_TRUE(succeeds(enqueueOne("Noop"))) << logText();
  EXPECT_EQ(store().tasks.runsOfTask(waits).size(), 0U);
  offer({"Report"});
  EXPECT_TRUE(succeeds(waits)) << logText();
  EXPECT_EQ(store().tasks.runsOfTask(waits).size(), 1U);
  EXPECT_FALSE(runner.hasEnded());
  runner.stop();
  expectAllIsWell(runner.pids());
}

TEST_F(PhpHost, OtherClassesAreOfferedByTheSameRunnerAndThoseThatAreGoneWait) {
  RunnerProcess runner(directory());
  ASSERT_TRUE(isOffered("Report")) << logText();
  offer({"Added"});
  // Its worker is recycled, and a new one announces its handlers.
  ASSERT_TRUE(succeeds(enqueueOne("Report"))) << logText();
  EXPECT_TRUE(isOffered("Added")) << logText();
  EXPECT_TRUE(
      eventually([&] { return store().handlers.findHandler("Report").value().liveRunners == 0; }, 60s));
  EXPECT_TRUE(succeeds(enqueueOne("Added"))) << logText();
  const int gone = enqueueOne("Report");
  EXPECT_TRUE(eventually([&] { return !store().tasks.findTask(gone).value().parkedReason.empty(); }, 60s));
  offer({"Added", "Report"});
  ASSERT_TRUE(succeeds(enqueueOne("Added"))) << logText();
  EXPECT_TRUE(succeeds(gone)) << logText();
  EXPECT_FALSE(runner.hasEnded());
  runner.stop();
  expectAllIsWell(runner.pids());
}

}  // namespace
}  // namespace taskqueue::chaos
