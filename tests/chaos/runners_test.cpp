#include "tests/chaos/runners_test.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "module/platform/random.h"
#include "tests/support/database_environment.h"
#include "tests/support/eventually.h"
#include "tests/support/invariant_checker.h"
#include "tests/support/worker_processes.h"

namespace taskqueue::chaos {
namespace {

using namespace std::chrono_literals;
using test_support::eventually;
using ::testing::IsEmpty;

// The commands report their start, work for a moment, and report their end.
constexpr const char* kEffect = R"(#!/bin/sh
echo "$TASKQUEUE_TASK_ID $TASKQUEUE_ATTEMPT start" >> @LOG@
(setsid sleep 0.2; :) &
sleep 0.0$(($$ % 6))
echo "$TASKQUEUE_TASK_ID $TASKQUEUE_ATTEMPT end" >> @LOG@
)";
// Fails once, snoozes once, then succeeds; writes to both streams.
constexpr const char* kMoody = R"(#!/bin/sh
echo "$TASKQUEUE_TASK_ID $TASKQUEUE_ATTEMPT start" >> @LOG@
echo output; echo errors >&2
echo '{"type":"progress","PercentsCompleted":50,"ProgressNote":"half"}' >&3
sleep 0.15
mark=@DIRECTORY@/marks/$TASKQUEUE_TASK_ID
if [ ! -e $mark-failed ]; then touch $mark-failed; exit 1; fi
if [ ! -e $mark-snoozed ]; then touch $mark-snoozed; echo '{"type":"snooze","Seconds":0}' >&3; exit 0; fi
echo "$TASKQUEUE_TASK_ID $TASKQUEUE_ATTEMPT end" >> @LOG@
)";

std::string replaced(std::string text, const std::string& word, const std::string& by) {
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word))
    text.replace(at, word.size(), by);
  return text;
}

}  // namespace

RunnerProcess::RunnerProcess(const std::string& directory, const std::vector<std::string>& environment)
    : program_(directory + "/bin/task-runner"),
      configuration_(directory + "/runner.ini"),
      log_(directory + "/log") {
  start(environment);
}

void RunnerProcess::start(const std::vector<std::string>& environment) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log_.c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                   0644);
  std::array<char*, 4> arguments{program_.data(), const_cast<char*>("--config"), configuration_.data(),
                                 nullptr};
  std::vector<char*> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) variables.push_back(*variable);
  for (const std::string& variable : environment) variables.push_back(const_cast<char*>(variable.c_str()));
  variables.push_back(nullptr);
  ASSERT_EQ(::posix_spawn(&pid_, program_.c_str(), &actions, nullptr, arguments.data(), variables.data()), 0);
  posix_spawn_file_actions_destroy(&actions);
  pids_.push_back(pid_);
}

void RunnerProcess::killAndRestart() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  start();
}

void RunnerProcess::keepAlive() {
  if (::waitpid(pid_, nullptr, WNOHANG) == pid_) start();
}

bool RunnerProcess::hasEnded() {
  if (pid_ != 0 && ::waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = 0;
  return pid_ == 0;
}

int RunnerProcess::stop() {
  int status = 0;
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, &status, 0);
  lastStatus_ = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return lastStatus_;
}

RunnersTest::RunnersTest(const std::string& database, const std::string& settings)
    : eye_(test_support::settingsFor(database), test_support::cmsNames()),
      store_(
          test_support::settingsFor(database), test_support::cmsNames(),
          [] { return platform::randomHex(16); }, [] { return 0.5; }) {
  std::string name = std::filesystem::temp_directory_path() / "chaos-XXXXXX";
  directory_ = ::mkdtemp(name.data());
  test_support::sharedServer().createDatabase(database);
  test_support::migrate(database);
  writeFiles(database, settings);
}

RunnersTest::~RunnersTest() {
  std::filesystem::remove_all(directory_);
}

void RunnersTest::writeCommand(const std::string& name, std::string text) {
  const std::string path = directory_ + "/" + name;
  std::ofstream(path) << replaced(replaced(std::move(text), "@LOG@", directory_ + "/effects"), "@DIRECTORY@",
                                  directory_);
  std::filesystem::permissions(path, std::filesystem::perms(0755));
}

// All files are below one directory that the workers' user may enter, whatever the checkout's permissions.
void RunnersTest::writeFiles(const std::string& database, const std::string& settings) {
  std::filesystem::permissions(directory_, std::filesystem::perms(0755));
  // As in an installation, the program finds the mail module next to its directory.
  const std::filesystem::path runner = TASKQUEUE_RUNNER;
  std::filesystem::create_directory(directory_ + "/bin");
  std::filesystem::copy_file(runner, directory_ + "/bin/task-runner");
  std::filesystem::copy(runner.parent_path().parent_path() / "lib", directory_ + "/lib",
                        std::filesystem::copy_options::recursive);
  std::filesystem::copy(TASKQUEUE_CHECKOUT "/module/php", directory_ + "/php",
                        std::filesystem::copy_options::recursive);
  for (const char* file : {"/handlers.php", "/cms.php", "/template_compiler.php", "/templates"}) {
    std::filesystem::copy(std::string(TASKQUEUE_CHECKOUT "/tests/support/php") + file, directory_ + file,
                          std::filesystem::copy_options::recursive);
  }
  writeCommand("effect.sh", kEffect);
  writeCommand("moody.sh", kMoody);
  std::filesystem::create_directory(directory_ + "/marks");
  std::filesystem::permissions(directory_ + "/marks", std::filesystem::perms(0777));
  std::ofstream(directory_ + "/effects");
  std::filesystem::permissions(directory_ + "/effects", std::filesystem::perms(0666));
  std::ofstream(directory_ + "/runner.ini")
      << "[database]\noption_file=" << test_support::sharedServer().optionFile() << "\nname=" << database
      << "\n[retry]\ndelay_seconds=0\nmax_runner_deaths=1000\n[runner]\n"
      << "run_directory=" << directory_ << (::geteuid() == 0 ? "\nworker_user=nobody" : "")
      << "\nslots=4\nkill_grace_seconds=1\n"
      << replaced(settings, "@DIRECTORY@", directory_) << "\n[handler.Effect]\ncommand=" << directory_
      << "/effect.sh\n[handler.Moody]\ncommand=" << directory_ << "/moody.sh\n";
}

bool RunnersTest::enqueue(const std::vector<NewTask>& tasks) {
  if (tasks.empty()) return true;
  try {
    acknowledged_ += static_cast<int>(store_.tasks.insertTasks(tasks, {}).tasks.size());
    return true;
  } catch (const StoreError&) {
    eye_.close();  // the server is being killed
    return false;
  }
}

std::int64_t RunnersTest::count(const std::string& where) {
  return eye_.queryText("SELECT COUNT(*) FROM inp_TaskQueue WHERE " + where).at(0).integer();
}

bool RunnersTest::waitForHandlers() {
  return eventually([&] { return !store_.handlers.findHandlers().empty(); }, 20s);
}

bool RunnersTest::waitForRow(const RunnerProcess& runner) {
  const std::string rows = "SELECT 1 FROM inp_TaskRunners WHERE Status = 'running' AND ProcessId = " +
                           std::to_string(runner.pid());
  return eventually([&] { return !eye_.queryText(rows).empty(); }, 20s);
}

void RunnersTest::expectAllToSucceed(const std::function<void()>& meanwhile, std::chrono::seconds limit) {
  EXPECT_TRUE(eventually(
      [&] {
        meanwhile();
        return count("LastStatus <> 'success'") == 0;
      },
      limit))
      << logText();
}

void RunnersTest::expectAllIsWell(const std::vector<int>& pidsOfRunners) {
  EXPECT_GE(count("1 = 1"), acknowledged_);
  EXPECT_THAT(test_support::checkInvariants(eye_), IsEmpty());
  const auto successes =
      eye_.queryText("SELECT COUNT(*) FROM inp_TaskRuns WHERE Status = 'success'").at(0).integer();
  EXPECT_EQ(successes, count("1 = 1")) << "a task has succeeded twice, or never";
  expectNoOverlap();
  EXPECT_TRUE(eventually([&] { return test_support::workersOf(pidsOfRunners).empty(); }, 2s));
}

// No execution of a task may begin while a later one is running. A snoozed attempt counts as one attempt,
// however often it begins.
void RunnersTest::expectNoOverlap() {
  std::ifstream effects(directory_ + "/effects");
  std::map<int, int> newest;  // attempt by task
  int task = 0;
  int attempt = 0;
  for (std::string word; effects >> task >> attempt >> word;) {
    EXPECT_GE(attempt, newest[task]) << "task " << task << ": attempt " << attempt
                                     << " went on beside a later one";
    newest[task] = attempt;
  }
}

std::string RunnersTest::logText() const {
  std::ostringstream text;
  text << std::ifstream(directory_ + "/log").rdbuf();
  return text.str();
}

}  // namespace taskqueue::chaos
