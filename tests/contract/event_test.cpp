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

// A CMS that writes rows itself calls these after its own statement.
TEST_F(EventCommand, EventsOfSingleRowsFollowWhatTheCmsWrote) {
  store::Connection site(test_support::settingsFor(kEventDatabase), test_support::cmsNames());
  test_support::emptyTables(site);
  site.queryText(
      "INSERT INTO inp_TaskQueue (Id, TaskHandlerClass, TaskData, ScheduledOn, QueuedOn) VALUES "
      "(5, 'Echo', '{}', 1, 1)");
  const auto raise = [&](const std::string& words) { return call(words, there(), "/bin/true"); };
  EXPECT_EQ(raise("task-run:OnBeforeItemCreate --id 5").output,
            R"({"TaskQueueId":5,"OpenTaskQueueId":5,"Attempt":1,"Status":"scheduled","PercentsCompleted":0})"
            "\n");
  site.queryText(
      "INSERT INTO inp_TaskRuns (Id, TaskQueueId, OpenTaskQueueId, Attempt, Status) VALUES (1, 5, 5, 1, "
      "'scheduled')");
  const CommandAnswer second = raise("task-run:OnBeforeItemCreate --id 5");
  EXPECT_EQ(second.exitStatus, 1);
  EXPECT_THAT(second.output, HasSubstr("The task has a run that is scheduled."));
  site.queryText("UPDATE inp_TaskRuns SET Status = 'error' WHERE Id = 1");
  EXPECT_EQ(raise("task-run:OnAfterItemUpdate --id 5").output, "{\"Recounted\":true}\n");
  auto task = site.queryText("SELECT LastStatus, TaskRunsFailed FROM inp_TaskQueue WHERE Id = 5").at(0);
  EXPECT_EQ(task.text(), "error");
  EXPECT_EQ(task.integer(), 1);
  EXPECT_EQ(raise("task-run:OnBeforeItemCreate --id 6").exitStatus, 1);
  EXPECT_EQ(raise("task-run:OnAfterItemUpdate").exitStatus, EX_USAGE);
  EXPECT_EQ(raise("task-queue:OnProcess --id 5").exitStatus, EX_USAGE);

  site.queryText(
      "INSERT INTO inp_TaskRunners (Id, ProcessId, StartedOn, Status, HostName) VALUES (3, 1, 1, 'timeout', "
      "'gone')");
  site.queryText(
      "INSERT INTO inp_TaskRuns (TaskQueueId, OpenTaskQueueId, Attempt, Status, TaskRunnerId, StartedOn) "
      "VALUES (5, 5, 2, 'running', 3, 1)");
  EXPECT_EQ(raise("task-runner:OnAfterItemUpdate --id 3").output, "{\"TimedOut\":true}\n");
  EXPECT_EQ(site.queryText("SELECT Status FROM inp_TaskRuns WHERE Attempt = 2").at(0).text(), "timeout");
}

TEST_F(EventCommand, ATaskThatTheCmsIsAboutToInsertIsCheckedAndCompleted) {
  store::Connection site(test_support::settingsFor(kEventDatabase), test_support::cmsNames());
  test_support::emptyTables(site);
  const auto raise = [&](const std::string& task) {
    return call("task-queue:OnBeforeItemCreate --task '" + task + "'", there(), "/bin/true");
  };
  const CommandAnswer unknown = raise(R"({"TaskHandlerClass":"Ech"})");
  EXPECT_EQ(unknown.exitStatus, EX_DATAERR);
  EXPECT_THAT(unknown.output, HasSubstr("/TaskHandlerClass"));
  site.queryText(
      "INSERT INTO inp_TaskRunners (Id, Status, HostName, FinishedOn) VALUES (1, 'success', 'gone', "
      "UNIX_TIMESTAMP())");
  site.queryText(
      "INSERT INTO inp_TaskHandlers (TaskRunnerId, TaskHandlerClass, Kind) VALUES (1, 'Echo', 'cpp')");
  EXPECT_THAT(
      raise(R"({"TaskHandlerClass":"Echo","ScheduledOn":2000000000,"MaxRetries":3})").output,
      HasSubstr(R"("ScheduledOn":2000000000,"MaxRetries":3,"TaskRunsFailed":0,"LastStatus":"scheduled",)"
                R"("Queue":"default","Priority":5})"));
  EXPECT_THAT(raise("[]").exitStatus, EX_DATAERR);
  EXPECT_EQ(site.queryText("SELECT COUNT(*) FROM inp_TaskQueue").at(0).integer(), 0);
}

TEST_F(EventCommand, EachMethodOfTheDesignDocumentHasItsPhp) {
  store::Connection site(test_support::settingsFor(kEventDatabase), test_support::cmsNames());
  test_support::emptyTables(site);
  site.queryText(
      "INSERT INTO inp_TaskRunners (Id, Status, HostName, FinishedOn) VALUES (1, 'success', 'gone', "
      "UNIX_TIMESTAMP())");
  site.queryText(
      "INSERT INTO inp_TaskHandlers (TaskRunnerId, TaskHandlerClass, Kind) VALUES (1, 'Echo', 'cpp')");
  site.queryText(
      "INSERT INTO inp_TaskQueue (Id, TaskHandlerClass, TaskData, ScheduledOn, QueuedOn) VALUES "
      "(5, 'Echo', '{}', 1, 1)");
  EXPECT_EQ(run("runner-limit 0", there(), "/bin/true").exitStatus, EX_OK);
  const CommandAnswer answer = test_support::runShell(
      "php " TASKQUEUE_SOURCE_DIRECTORY "/tests/support/php/manager_test.php program " +
      std::string(TASKQUEUE_PROGRAM) + " " + (directory_ / "taskqueue.ini").string() + " 2>&1");
  EXPECT_EQ(answer.output, "ok\n");
  EXPECT_EQ(site.queryText("SELECT COUNT(*) FROM inp_TaskRuns WHERE Status = 'scheduled'").at(0).integer(),
            1);
  EXPECT_EQ(run("runner-limit 2", there(), "/bin/true").exitStatus, EX_OK);
}

}  // namespace
}  // namespace taskqueue::contract
