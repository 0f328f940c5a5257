// taskqueue event, as a process: who calls it from a crontab learns by its exit code whether it did its work.
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

constexpr const char* kDatabase = "event_tests";

class EventCommand : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    test_support::sharedServer().createDatabase(kDatabase);
    test_support::migrate(kDatabase);
  }
  EventCommand() { std::filesystem::create_directories(directory_ / "runners"); }
  ~EventCommand() override { std::filesystem::remove_all(directory_); }

  CommandAnswer call(const std::string& event, const std::string& runDirectory,
                     const std::string& program) const {
    const auto path = directory_ / "taskqueue.ini";
    std::ofstream(path) << "[database]\noption_file=" << test_support::settingsFor(kDatabase).optionFile
                        << "\nname=" << kDatabase << "\n[runner]\nprogram=" << program
                        << "\nrun_directory=" << runDirectory << "\n";
    return test_support::runShell(std::string(TASKQUEUE_PROGRAM) + " --config " + path.string() + " event " +
                                  event + " 2>&1");
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

TEST_F(EventCommand, TheOverseerNeedsNeither) {
  const CommandAnswer answer = call("task-queue:OnProcess", missing(), missing());
  EXPECT_EQ(answer.exitStatus, EX_OK);
  EXPECT_THAT(answer.output, HasSubstr("\"ForgottenTasks\":0"));
}

}  // namespace
}  // namespace taskqueue::contract
