// taskqueue restart and taskqueue work, with real runners, PHP workers and supervisord.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/chaos/runners_test.h"
#include "tests/support/eventually.h"
#include "tests/support/shell.h"
#include "tests/support/worker_processes.h"

namespace taskqueue::chaos {
namespace {

using namespace std::chrono_literals;
using test_support::CommandAnswer;
using test_support::eventually;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kSettings =
    "program=@DIRECTORY@/bin/task-runner\ndrain_seconds=2\n[handler.Slow]\ncommand=/bin/sleep 60\n"
    "[worker.php]\ncommand=/usr/bin/php @DIRECTORY@/php/worker.php --bootstrap=@DIRECTORY@/tasks.php\n";

// A shell command in the background, whose output is a file.
class Background {
 public:
  Background(const std::string& command, std::string output) : output_(std::move(output)) {
    pid_ = ::fork();
    if (pid_ != 0) return;
    const int file = ::open(output_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    ::dup2(file, STDOUT_FILENO);
    ::dup2(file, STDERR_FILENO);
    ::execl("/bin/sh", "sh", "-c", ("exec " + command).c_str(), nullptr);
    ::_exit(127);
  }
  ~Background() {
    if (pid_ > 0) end(SIGTERM);
  }
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  int pid() const { return pid_; }
  void send(int signal) const { ::kill(pid_, signal); }
  // Returns the exit status, or -1 when a signal ended it.
  int end(int signal) {
    ::kill(pid_, signal);
    int status = 0;
    ::waitpid(std::exchange(pid_, 0), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  std::string text() const {
    std::ifstream file(output_);
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  std::string output_;
  int pid_ = 0;
};

class Restart : public RunnersTest {
 protected:
  Restart() : RunnersTest("restart", kSettings) { deploy("one"); }

  // Replaces the code of the PHP handlers. `first` is code that the bootstrap file runs.
  void deploy(const std::string& version, const std::string& first = "") {
    const std::string path = directory() + "/tasks.php";
    std::ofstream(path + ".new")
        << "<?php\n"
        << first
        << "final class Version implements TaskQueue\\ITaskHandler { public function handleTaskRun("
           "TaskQueue\\TaskRun $run) { usleep(1000 * ($run->getTaskData()['ms'] ?? 0)); "
           "$run->setProgress(50, "
           "'note of '.'"
        << version << "'); return '" << version << "'; } }\nreturn [Version::class];\n";
    std::filesystem::permissions(path + ".new", std::filesystem::perms(0644));
    std::filesystem::rename(path + ".new", path);
  }
  CommandAnswer run(const std::string& words) const {
    return test_support::runShell(std::string(TASKQUEUE_PROGRAM) + " --config " + directory() +
                                  "/runner.ini " + words + " 2>&1");
  }
  std::string workCommand(const std::string& options) const {
    return std::string(TASKQUEUE_PROGRAM) + " --config " + directory() + "/runner.ini work --handlers " +
           directory() + "/tasks.php " + options;
  }
  int add(const std::string& taskHandlerClass, const std::string& data = "{}") {
    EXPECT_TRUE(enqueue({{.taskHandlerClass = taskHandlerClass, .taskData = data}}));
    return eye().queryText("SELECT MAX(Id) FROM inp_TaskQueue").at(0).number();
  }
  bool hasStatus(int id, RunStatus status) {
    return eventually([&] { return store().tasks.findTask(id).value().lastStatus == status; }, 20s);
  }
  // Returns the Results of the tasks, each after its success.
  std::vector<std::string> resultsOf(const std::vector<int>& ids) {
    std::vector<std::string> results;
    for (const int id : ids) {
      EXPECT_TRUE(hasStatus(id, RunStatus::Success)) << logText();
      for (const taskqueue::Run& run : store().tasks.runsOfTask(id))
        results.push_back(run.results.value_or(""));
    }
    return results;
  }
  std::vector<int> pidsOfRunners() {
    std::vector<int> pids;
    for (const Runner& runner : store().runners.findRunners(/*onlyRunning=*/true, 100))
      pids.push_back(runner.identity.processId);
    return pids;
  }
  bool areRunning(std::size_t count) {
    return eventually([&] { return pidsOfRunners().size() == count; }, 20s);
  }
  std::string supervisord() {
    const std::string path = directory() + "/supervisord.conf";
    std::ofstream(path) << "[supervisord]\nnodaemon=true\nuser=root\npidfile=" << directory()
                        << "/supervisord.pid\nlogfile=" << directory()
                        << "/supervisord.log\nchildlogdir=" << directory()
                        << "\n[program:task-runner]\ncommand=" << directory() << "/bin/task-runner --config "
                        << directory()
                        << "/runner.ini --end-with-parent\nprocess_name=%(process_num)02d\nnumprocs=2\n"
                           "autorestart=true\nstartsecs=0\nstopwaitsecs=20\nstderr_logfile="
                        << directory() << "/log\n";
    return "/usr/bin/supervisord -c " + path;
  }
};

TEST_F(Restart, UnderSupervisordNoOldCodeServesOnceItHasReturned) {
  Background keeper(supervisord(), directory() + "/keeper");
  ASSERT_TRUE(areRunning(2)) << logText();
  EXPECT_THAT(resultsOf({add("Version"), add("Version")}), Each("\"one\""));
  const std::vector<int> before = pidsOfRunners();
  const int underWay = add("Version", R"({"ms":1500})");
  ASSERT_TRUE(hasStatus(underWay, RunStatus::Running));

  deploy("two");
  const auto start = std::chrono::steady_clock::now();
  const CommandAnswer answer = run("restart --wait 200");
  const auto took =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
  std::cout << "restart took " << took.count() << " ms" << std::endl;
  EXPECT_EQ(answer.exitStatus, EX_OK) << answer.output << logText();
  EXPECT_THAT(answer.output, HasSubstr("2 runners of before have ended, 2 new ones work\n"));
  EXPECT_THAT(answer.output, Not(HasSubstr("no known program")));
  for (const int pid : before) EXPECT_NE(::kill(pid, 0), 0) << pid;
  EXPECT_TRUE(eventually([&] { return test_support::workersOf(before).empty(); }, 1s));
  EXPECT_THAT(resultsOf({underWay}), Each("\"one\"")) << "a run may finish";
  EXPECT_EQ(store().tasks.runsOfTask(underWay).size(), 1U);
  std::vector<int> tasks;
  for (int i = 0; i < 20; ++i) tasks.push_back(add("Version"));
  EXPECT_THAT(resultsOf(tasks), Each("\"two\""));
}

TEST_F(Restart, APlainRunnerEndsAndIsSaidToHaveNoKeeper) {
  RunnerProcess runner(directory());
  ASSERT_TRUE(waitForRow(runner)) << logText();
  const CommandAnswer answer = run("restart --wait 200");
  EXPECT_EQ(answer.exitStatus, EX_OK) << answer.output;
  EXPECT_THAT(answer.output, AllOf(HasSubstr("1 runners of before have ended, 0 new ones work\n"),
                                   HasSubstr("1 of them were kept alive by no known program")));
  EXPECT_TRUE(runner.hasEnded());
  EXPECT_THAT(run("restart").output, HasSubstr("0 runners of before"));
}

TEST_F(Restart, ARunnerThatHasNotRegisteredYetIsWaitedForAndEnds) {
  deploy("old", "sleep(2);\n");
  RunnerProcess runner(directory());
  const std::string socket = directory() + "/runner-" + std::to_string(runner.pid()) + ".wake";
  ASSERT_TRUE(eventually([&] { return std::filesystem::exists(socket); }, 10s));
  EXPECT_TRUE(pidsOfRunners().empty()) << "it was too fast for this test";
  const CommandAnswer answer = run("restart --wait 200");
  EXPECT_EQ(answer.exitStatus, EX_OK) << answer.output;
  EXPECT_TRUE(runner.hasEnded()) << answer.output;
}

TEST_F(Restart, ALongRunMakesItGiveUpWithItsOwnExitCode) {
  RunnerProcess runner(directory());
  ASSERT_TRUE(waitForRow(runner)) << logText();
  const int slow = add("Slow");
  ASSERT_TRUE(hasStatus(slow, RunStatus::Running));
  const CommandAnswer answer = run("restart --wait 1");
  EXPECT_EQ(answer.exitStatus, EX_TEMPFAIL);
  EXPECT_THAT(answer.output,
              AllOf(HasSubstr("not all is restarted after 1 s"), HasSubstr("still has 1 runs")));
  EXPECT_EQ(runner.stop(), EX_OK);
  EXPECT_EQ(store().tasks.findTask(slow)->lastStatus, RunStatus::Scheduled) << "it was released";
}

TEST_F(Restart, WorkPrintsALineForEachRunAndIsAKeeper) {
  Background work(workCommand("--slots 2"), directory() + "/work.out");
  ASSERT_TRUE(areRunning(1)) << work.text();
  EXPECT_EQ(store().runners.findRunners(true, 1).at(0).slots, 2);
  resultsOf({add("Version")});
  EXPECT_TRUE(hasStatus(add("NoSuchClass"), RunStatus::Scheduled));
  EXPECT_TRUE(eventually([&] { return work.text().find("Version") != std::string::npos; }, 5s))
      << work.text();
  EXPECT_THAT(work.text(), ::testing::ContainsRegex("The runner [0-9]+ works with 2 slots\\.\n"));
  EXPECT_THAT(work.text(), ::testing::ContainsRegex(
                               "[0-9:]{8}  success +[0-9]+ ms  Version  task 1, run [0-9]+  note of one\n"));
  EXPECT_THAT(work.text(), Not(HasSubstr("\x1B")));

  deploy("two");
  const CommandAnswer answer = run("restart --wait 200");
  EXPECT_EQ(answer.exitStatus, EX_OK) << answer.output;
  EXPECT_THAT(answer.output, HasSubstr("1 runners of before have ended, 1 new ones work\n"));
  EXPECT_THAT(resultsOf({add("Version")}), Each("\"two\""));
  EXPECT_EQ(work.end(SIGINT), EX_OK) << work.text();
  EXPECT_TRUE(pidsOfRunners().empty());
}

TEST_F(Restart, WorkEndsAtCtrlCAndReleasesItsRuns) {
  Background work(workCommand("--json --queue default"), directory() + "/work.out");
  ASSERT_TRUE(areRunning(1)) << work.text();
  const int slow = add("Slow");
  ASSERT_TRUE(hasStatus(slow, RunStatus::Running));
  work.send(SIGINT);
  EXPECT_EQ(work.end(SIGINT), EX_OK) << work.text();
  const Task task = store().tasks.findTask(slow).value();
  EXPECT_EQ(task.lastStatus, RunStatus::Scheduled);
  EXPECT_EQ(task.taskRunsFailed, 0);
  EXPECT_THAT(work.text(), HasSubstr(R"("Outcome":"released")"));
}

TEST_F(Restart, WorkHasColoursOnATerminal) {
  add("Version");
  const std::string pid = directory() + "/pid";
  Background work(
      "script -qefc 'echo $$ > " + pid + "; exec " + workCommand("") + "' " + directory() + "/screen",
      directory() + "/script");
  const auto screen = [&] {
    std::ifstream file(directory() + "/screen");
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  EXPECT_TRUE(eventually([&] { return screen().find("\x1B[32msuccess") != std::string::npos; }, 20s))
      << screen();
  int program = 0;
  std::ifstream(pid) >> program;
  ASSERT_GT(program, 0);
  ::kill(program, SIGINT);
  EXPECT_TRUE(eventually([&] { return pidsOfRunners().empty(); }, 10s));
  EXPECT_THAT(screen(), HasSubstr("Stopping: runs may finish"));
}

TEST_F(Restart, WorkSaysWhatIsWrongWithItsBootstrapFile) {
  std::filesystem::remove(directory() + "/tasks.php");
  const CommandAnswer answer = test_support::runShell("timeout 100 " + workCommand("2>&1"));
  EXPECT_EQ(answer.exitStatus, EX_CONFIG) << answer.output;
  EXPECT_THAT(answer.output, HasSubstr("the bootstrap file " + directory() + "/tasks.php cannot be read"));
}

}  // namespace
}  // namespace taskqueue::chaos
