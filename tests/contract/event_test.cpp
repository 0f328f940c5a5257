// Runs taskqueue event as a process: its exit code tells a crontab whether it did its work.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sysexits.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/support/database_environment.h"
#include "tests/support/shell.h"

namespace taskqueue::contract {
namespace {

using test_support::CommandAnswer;
using ::testing::HasSubstr;

constexpr const char* kEventDatabase = "event_tests";

class EventCommand : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    test_support::sharedServer().createDatabase(kEventDatabase);
    test_support::migrate(kEventDatabase);
  }
  EventCommand() { std::filesystem::create_directories(directory_ / "runners"); }
  ~EventCommand() override { std::filesystem::remove_all(directory_); }

  CommandAnswer call(const std::string& event, const std::string& runDirectory,
                     const std::string& program) const {
    return run("event " + event, runDirectory, program);
  }
  CommandAnswer run(const std::string& words, const std::string& runDirectory,
                    const std::string& program) const {
    const auto path = directory_ / "taskqueue.ini";
    std::ofstream(path) << "[database]\noption_file=" << test_support::settingsFor(kEventDatabase).optionFile
                        << "\nname=" << kEventDatabase << "\n[runner]\nprogram=" << program
                        << "\nrun_directory=" << runDirectory << "\n";
    return test_support::runShell(std::string(TASKQUEUE_PROGRAM) + " --config " + path.string() + " " +
                                  words + " 2>&1");
  }
  std::string there() const { return directory_ / "runners"; }
  std::string missing() const { return directory_ / "nowhere"; }

  std::filesystem::path directory_ =
      std::filesystem::temp_directory_path() / ("taskqueue-event-" + std::to_string(::getpid()));
};

TEST_F(EventCommand, WithoutARunDirectoryNoRunnerIsStartedAndTheExitCodeSaysSo) {
  for (const char* event : {"task-queue:OnCreateTaskRunners", "task-runner:OnProcess"}) {
    const CommandAnswer answer = call(event, missing(), "/bin/true");
    EXPECT_EQ(answer.exitStatus, EX_CONFIG) << event << "\n" << answer.output;
    EXPECT_THAT(answer.output, HasSubstr("runner.run_directory '" + missing() + "' cannot be used: No such"));
  }
}

TEST_F(EventCommand, NorWithoutAProgramThatCanBeExecuted) {
  for (const char* event : {"task-queue:OnCreateTaskRunners", "task-runner:OnProcess"}) {
    const CommandAnswer answer = call(event, there(), missing());
    EXPECT_EQ(answer.exitStatus, EX_CONFIG) << event << "\n" << answer.output;
    EXPECT_THAT(answer.output, HasSubstr("runner.program '" + missing() + "' cannot be executed"));
  }
  EXPECT_EQ(call("task-queue:OnDebug", there(), missing()).exitStatus, EX_UNAVAILABLE);
}

TEST_F(EventCommand, UpToHowManyRunnersAreStartedIsShownAndSet) {
  const auto limit = [&](const std::string& words) {
    return run("runner-limit" + words, there(), "/bin/true");
  };
  EXPECT_EQ(limit("").output, "TaskRunnerLimit 2, 0 running\n");
  EXPECT_EQ(limit(" 0").output, "TaskRunnerLimit is now 0\n");
  EXPECT_EQ(call("task-queue:OnCreateTaskRunners", there(), "/bin/true").output,
            "{\"StartedTaskRunners\":0}\n");
  for (const char* odd : {" 1001", " -- -1"}) EXPECT_EQ(limit(odd).exitStatus, EX_DATAERR) << odd;
  EXPECT_EQ(limit(" many").exitStatus, EX_USAGE);
  EXPECT_EQ(limit("").output, "TaskRunnerLimit 0, 0 running\n");
  EXPECT_EQ(limit(" 2").exitStatus, EX_OK);
}

TEST_F(EventCommand, TheOverseerNeedsNeither) {
  const CommandAnswer answer = call("task-queue:OnProcess", missing(), missing());
  EXPECT_EQ(answer.exitStatus, EX_OK);
  EXPECT_THAT(answer.output, HasSubstr("\"PrunedTasks\":0"));
}

}  // namespace
}  // namespace taskqueue::contract
