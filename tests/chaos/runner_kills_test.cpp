// Real runners are killed at random moments, and the database with them now and then, while they work.
// Afterwards every task has succeeded exactly once, no two executions of a task overlapped, and no process is
// left.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <random>
#include <sstream>

#include "module/platform/random.h"
#include "module/store/maria_task_store.h"
#include "tests/chaos/sizes.h"
#include "tests/support/database_environment.h"
#include "tests/support/eventually.h"
#include "tests/support/invariant_checker.h"
#include "tests/support/worker_processes.h"

namespace taskqueue::chaos {
namespace {

using namespace std::chrono_literals;
using test_support::eventually;
using ::testing::IsEmpty;

constexpr const char* kDatabase = "kills";
constexpr int kRunners = 4;
constexpr int kTasksWaiting = 60;  // at any time

// What the command does: tells of its start, works for a moment, tells of its end.
constexpr const char* kEffect = R"(#!/bin/sh
echo "$TASKQUEUE_TASK_ID $TASKQUEUE_ATTEMPT start" >> @LOG@
(setsid sleep 0.2; :) &
sleep 0.0$(($$ % 6))
echo "$TASKQUEUE_TASK_ID $TASKQUEUE_ATTEMPT end" >> @LOG@
)";

class RunnerProcess {
 public:
  explicit RunnerProcess(const std::string& directory)
      : program_(directory + "/task-runner"),
        configuration_(directory + "/runner.ini"),
        log_(directory + "/log") {
    start();
  }

  void start() {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log_.c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                     0644);
    std::array<char*, 4> arguments{program_.data(), const_cast<char*>("--config"), configuration_.data(),
                                   nullptr};
    ASSERT_EQ(::posix_spawn(&pid_, program_.c_str(), &actions, nullptr, arguments.data(), environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    pids_.push_back(pid_);
  }
  void killAndRestart() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    start();
  }
  // Starts it again when it has ended by itself, as supervisord does.
  void keepAlive() {
    if (::waitpid(pid_, nullptr, WNOHANG) == pid_) start();
  }
  int stop() {
    int status = 0;
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  const std::vector<int>& pids() const { return pids_; }

 private:
  std::string program_;
  std::string configuration_;
  std::string log_;
  pid_t pid_ = 0;
  std::vector<int> pids_;  // all that it ever had
};

class RunnerKills : public ::testing::Test {
 protected:
  RunnerKills() {
    std::string name = std::filesystem::temp_directory_path() / "runner-kills-XXXXXX";
    directory_ = ::mkdtemp(name.data());
    test_support::sharedServer().createDatabase(kDatabase);
    test_support::migrate(kDatabase);
    writeFiles();
  }
  ~RunnerKills() override { std::filesystem::remove_all(directory_); }

  // All below one directory that the workers' user may enter, whatever the checkout's own rights are.
  void writeFiles() {
    std::filesystem::permissions(directory_, std::filesystem::perms(0755));
    std::filesystem::copy_file(TASKQUEUE_RUNNER, directory_ + "/task-runner");
    std::string effect = kEffect;
    for (auto at = effect.find("@LOG@"); at != std::string::npos; at = effect.find("@LOG@")) {
      effect.replace(at, 5, directory_ + "/effects");
    }
    std::ofstream(directory_ + "/effect.sh") << effect;
    std::filesystem::permissions(directory_ + "/effect.sh", std::filesystem::perms(0755));
    std::ofstream(directory_ + "/effects");
    std::filesystem::permissions(directory_ + "/effects", std::filesystem::perms(0666));
    std::ofstream(directory_ + "/runner.ini")
        << "[database]\noption_file=" << test_support::sharedServer().optionFile() << "\nname=" << kDatabase
        << "\n[retry]\ndelay_seconds=0\n[runner]\n"
        << "run_directory=" << directory_ << (::geteuid() == 0 ? "\nworker_user=nobody" : "")
        << "\nslots=4\nkill_grace_seconds=1\n[handler.Effect]\ncommand=" << directory_ << "/effect.sh\n";
  }

  // Keeps some tasks waiting; what is not acknowledged is not counted.
  void fillUp() {
    try {
      const auto waiting =
          eye_.queryText("SELECT COUNT(*) FROM inp_TaskQueue WHERE NextRunOn IS NOT NULL").at(0).integer();
      std::vector<NewTask> tasks;
      for (auto i = waiting; i < kTasksWaiting; ++i) {
        tasks.push_back({.taskHandlerClass = i % 2 == 0 ? "Effect" : "Echo",
                         .taskData = i % 2 == 0 ? "{}" : R"({"sleep":0.05,"steps":3,"message":"m"})",
                         .maxRetries = 100000});
      }
      if (!tasks.empty()) acknowledged_ += static_cast<int>(store_.insertTasks(tasks, {}).tasks.size());
    } catch (const StoreError&) {
      eye_.close();  // the server is being killed
    }
  }

  std::int64_t count(const std::string& where) {
    return eye_.queryText("SELECT COUNT(*) FROM inp_TaskQueue WHERE " + where).at(0).integer();
  }

  // No execution of a task began after a later one had begun and before it had ended.
  void expectNoOverlap() {
    std::ifstream effects(directory_ + "/effects");
    std::map<int, int> newest;  // attempt, by task
    int task = 0;
    int attempt = 0;
    for (std::string word; effects >> task >> attempt >> word;) {
      EXPECT_GE(attempt, newest[task])
          << "task " << task << ": attempt " << attempt << " went on beside a later one";
      newest[task] = attempt;
    }
  }

  std::string logText() {
    std::ostringstream text;
    text << std::ifstream(directory_ + "/log").rdbuf();
    return text.str();
  }

  std::string directory_;
  store::Connection eye_{test_support::settingsFor(kDatabase), test_support::cmsNames()};
  store::MariaTaskStore store_{test_support::settingsFor(kDatabase), test_support::cmsNames(),
                               [] { return platform::randomHex(16); }, [] { return 0.5; }};
  int acknowledged_ = 0;
};

TEST_F(RunnerKills, LoseNothingRunNothingTwiceAndLeaveNothingBehind) {
  std::mt19937_64 random(sizes().seed);
  const auto draw = [&](int least, int most) { return std::uniform_int_distribution<>(least, most)(random); };
  std::vector<RunnerProcess> runners;
  for (int i = 0; i < kRunners; ++i) runners.emplace_back(directory_);
  ASSERT_TRUE(eventually([&] { return !store_.findHandlers().empty(); }, 20s));

  int crashes = 0;
  for (int kill = 1; kill <= sizes().kills; ++kill) {
    fillUp();
    std::this_thread::sleep_for(std::chrono::milliseconds(draw(20, 250)));
    runners[static_cast<std::size_t>(draw(0, kRunners - 1))].killAndRestart();
    for (RunnerProcess& runner : runners) runner.keepAlive();
    if (crashes < sizes().crashes && kill * (sizes().crashes + 1) > (crashes + 1) * sizes().kills) {
      ++crashes;
      test_support::sharedServer().kill();
      test_support::sharedServer().start();
      eye_.close();
    }
  }
  EXPECT_TRUE(eventually(
      [&] {
        for (RunnerProcess& runner : runners) runner.keepAlive();
        return count("LastStatus <> 'success'") == 0;
      },
      60s))
      << logText();
  std::vector<int> pids;
  for (RunnerProcess& runner : runners) {
    EXPECT_EQ(runner.stop(), 0);
    pids.insert(pids.end(), runner.pids().begin(), runner.pids().end());
  }

  EXPECT_GE(count("1 = 1"), acknowledged_);
  EXPECT_THAT(test_support::checkInvariants(eye_), IsEmpty());
  const auto successes =
      eye_.queryText("SELECT COUNT(*) FROM inp_TaskRuns WHERE Status = 'success'").at(0).integer();
  EXPECT_EQ(successes, count("1 = 1")) << "a task has succeeded twice, or never";
  expectNoOverlap();
  EXPECT_TRUE(eventually([&] { return test_support::workersOf(pids).empty(); }, 2s));
  std::cout << sizes().kills << " kills, " << crashes << " server crashes, " << acknowledged_
            << " tasks acknowledged, "
            << eye_.queryText("SELECT COUNT(*) FROM inp_TaskRuns WHERE Status = 'timeout'").at(0).integer()
            << " runs rescued; seed " << sizes().seed << std::endl;
}

}  // namespace
}  // namespace taskqueue::chaos
