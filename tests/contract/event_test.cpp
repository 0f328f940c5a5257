// taskqueue event, as a process: who calls it from a crontab learns by its exit code whether it did its work.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/support/database_environment.h"

namespace taskqueue::contract {
namespace {

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

  struct Answer {
    int status = -1;
    std::string text;  // both streams
  };
  Answer call(const std::string& event, const std::string& runDirectory, const std::string& program) const {
    const auto path = directory_ / "taskqueue.ini";
    std::ofstream(path) << "[database]\noption_file=" << test_support::settingsFor(kDatabase).optionFile
                        << "\nname=" << kDatabase << "\n[runner]\nprogram=" << program
                        << "\nrun_directory=" << runDirectory << "\n";
    const std::string command =
        std::string(TASKQUEUE_PROGRAM) + " --config " + path.string() + " event " + event + " 2>&1";
    FILE* pipe = ::popen(command.c_str(), "r");
    Answer answer;
    char buffer[4096];
    while (const std::size_t size = std::fread(buffer, 1, sizeof buffer, pipe))
      answer.text.append(buffer, size);
    const int status = ::pclose(pipe);
    answer.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return answer;
  }
  std::string there() const { return directory_ / "runners"; }
  std::string missing() const { return directory_ / "nowhere"; }

  std::filesystem::path directory_ =
      std::filesystem::temp_directory_path() / ("taskqueue-event-" + std::to_string(::getpid()));
};

TEST_F(EventCommand, WithoutARunDirectoryNoRunnerIsStartedAndTheExitCodeSaysSo) {
  for (const char* event : {"task-queue:OnCreateTaskRunners", "task-runner:OnProcess"}) {
    const Answer answer = call(event, missing(), "/bin/true");
    EXPECT_EQ(answer.status, EX_CONFIG) << event << "\n" << answer.text;
    EXPECT_THAT(answer.text, HasSubstr("runner.run_directory '" + missing() + "' cannot be used: No such"));
  }
}

TEST_F(EventCommand, NorWithoutAProgramThatCanBeExecuted) {
  for (const char* event : {"task-queue:OnCreateTaskRunners", "task-runner:OnProcess"}) {
    const Answer answer = call(event, there(), missing());
    EXPECT_EQ(answer.status, EX_CONFIG) << event << "\n" << answer.text;
    EXPECT_THAT(answer.text, HasSubstr("runner.program '" + missing() + "' cannot be executed"));
  }
  EXPECT_EQ(call("task-queue:OnDebug", there(), missing()).status, EX_UNAVAILABLE);
}

TEST_F(EventCommand, TheOverseerNeedsNeither) {
  const Answer answer = call("task-queue:OnProcess", missing(), missing());
  EXPECT_EQ(answer.status, EX_OK);
  EXPECT_THAT(answer.text, HasSubstr("\"ForgottenTasks\":0"));
}

}  // namespace
}  // namespace taskqueue::contract
