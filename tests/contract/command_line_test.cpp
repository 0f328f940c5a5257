// Runs taskqueue as a process: how it prints external texts, and which arguments it accepts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sysexits.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "module/json/read.h"
#include "module/platform/webhook_signature.h"
#include "tests/support/database_environment.h"
#include "tests/support/shell.h"

namespace taskqueue::contract {
namespace {

using test_support::CommandAnswer;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kCommandLineDatabase = "command_line_tests";
// The text clears the screen, rings the bell, starts a line of its own, and reverses the text direction.
const std::string kHostile =
    "\x1B[2J\x07\n2  Noop  success\r\xC2\x9B"
    "1m\xE2\x80\xAE"
    "gnp";
constexpr const char* kHostileShown = "\\x1B[2J\\x07\\n2  Noop  success\\r\\u{009B}1m\\u{202E}gnp";

class CommandLine : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    test_support::sharedServer().createDatabase(kCommandLineDatabase);
    test_support::migrate(kCommandLineDatabase);
  }
  CommandLine() {
    std::filesystem::create_directories(directory_);
    std::ofstream(directory_ / "taskqueue.ini")
        << "[database]\noption_file=" << test_support::settingsFor(kCommandLineDatabase).optionFile
        << "\nname=" << kCommandLineDatabase << "\n";
    test_support::emptyTables(connection_);
    connection_.executeText(
        "INSERT INTO inp_TaskQueue (Id, TaskHandlerClass, TaskData, ScheduledOn, QueuedOn, Title, Queue, "
        "LastStatus) "
        "VALUES (1, ?, '{}', 1, 1, ?, ?, 'error')",
        {kHostile, kHostile, "default"});
    connection_.executeText(
        "INSERT INTO inp_TaskRuns (Id, TaskQueueId, Attempt, Status, ErrorCode, ErrorMessage, ProgressNote, "
        "Results, "
        "StandardOutput, StandardOutputBytes) VALUES (1, 1, 1, 'error', 'boom', ?, ?, ?, ?, ?)",
        {kHostile, kHostile, kHostile, kLog, static_cast<std::int64_t>(kLog.size())});
    connection_.executeText(
        "INSERT INTO inp_TaskSchedules (Id, Name, TaskHandlerClass, TaskData, CronExpression) VALUES (1, ?, "
        "?, '{}', "
        "'@daily'), (3, '4', 'Noop', '{}', '@daily'), (4, 'four', 'Noop', '{}', '@daily')",
        {kHostile, kHostile});
  }
  ~CommandLine() override { std::filesystem::remove_all(directory_); }

  std::string command(const std::string& arguments) const {
    return std::string(TASKQUEUE_PROGRAM) + " --config " + (directory_ / "taskqueue.ini").string() + " " +
           arguments;
  }
  CommandAnswer run(const std::string& arguments) const {
    return test_support::runShell(command(arguments) + " 2>&1");
  }
  // Runs the command with a terminal as its output.
  CommandAnswer runOnTerminal(const std::string& arguments) const {
    return test_support::runShell("script -qec '" + command(arguments) + "' /dev/null");
  }
  std::int64_t cancelled() {
    return connection_.queryText("SELECT COUNT(*) FROM inp_TaskQueue WHERE LastStatus = 'cancelled'")
        .at(0)
        .integer();
  }

  const std::string kLog = "first\t\x1B[31mred\x1B[0m\r\nsecond\n";
  std::filesystem::path directory_ =
      std::filesystem::temp_directory_path() / ("taskqueue-command-line-" + std::to_string(::getpid()));
  store::Connection connection_{test_support::settingsFor(kCommandLineDatabase), test_support::cmsNames()};
};

TEST_F(CommandLine, ATextFromOutsideIsOneHarmlessPartOfOneLine) {
  for (const char* arguments : {"list", "show 1", "schedule list"}) {
    const CommandAnswer answer = run(arguments);
    EXPECT_EQ(answer.exitStatus, EX_OK) << answer.output;
    EXPECT_THAT(answer.output, HasSubstr(kHostileShown)) << arguments;
    EXPECT_THAT(answer.output, AllOf(Not(HasSubstr("\x1B")), Not(HasSubstr("\x07")), Not(HasSubstr("\r")),
                                     Not(HasSubstr("\xC2\x9B")), Not(HasSubstr("\xE2\x80\xAE"))))
        << arguments;
    for (const char* line : {"\n2  Noop", "\n\xC2\x9B"}) EXPECT_THAT(answer.output, Not(HasSubstr(line)));
  }
  const std::string list = run("list").output;
  EXPECT_EQ(std::count(list.begin(), list.end(), '\n'), 1);
}

TEST_F(CommandLine, TailEndsForARunThatSqlInserted) {
  connection_.queryText("UPDATE inp_TaskRuns SET StandardOutputBytes = 0");
  const CommandAnswer answer = test_support::runShell("timeout 10 " + command("tail 1"));
  EXPECT_EQ(answer.exitStatus, 1) << "the run has failed";
  EXPECT_EQ(answer.output, kLog);
}

TEST_F(CommandLine, AOneLineMemberWithControlCharactersIsRefused) {
  for (const char* option : {"Title --title", "UniqueKey --unique-key", "ConcurrencyKey --concurrency-key"}) {
    const std::string member(option, std::string_view(option).find(' '));
    const auto answer =
        run("enqueue Noop " + std::string(option + member.size()) + " \"$(printf 'a\\033b')\"");
    EXPECT_EQ(answer.exitStatus, EX_DATAERR) << answer.output;
    EXPECT_THAT(answer.output, HasSubstr("/" + member + " must be one line"));
  }
}

TEST_F(CommandLine, TheSecretOfAReceiverOfWebhooksIsPrinted) {
  EXPECT_EQ(run("webhook-secret https://site.example/hook").exitStatus, EX_CONFIG);
  const std::string file = (directory_ / "secret").string();
  std::ofstream(file) << "main\n";
  std::ofstream(directory_ / "taskqueue.ini", std::ios::app) << "[webhook]\nsecret_file=" << file << "\n";
  const auto secret = run("webhook-secret https://Site.example/hook?a=1");
  EXPECT_EQ(secret.exitStatus, EX_OK) << secret.output;
  EXPECT_EQ(secret.output, platform::webhookSecret("main", "https://site.example/hook") + "\n");
  EXPECT_THAT(run("webhook-secret ftp://site.example/").output,
              HasSubstr("must begin with http:// or https://"));
  std::filesystem::remove(file);
  EXPECT_EQ(run("webhook-secret https://site.example/hook").exitStatus, EX_NOPERM);
}

TEST_F(CommandLine, JsonHasEachTextAsItIs) {
  const auto read = [&](const std::string& arguments) {
    auto parsed = json::read(run(arguments).output, {});
    if (const auto* problem = std::get_if<json::Problem>(&parsed)) throw std::runtime_error(problem->text);
    return std::get<json::Document>(std::move(parsed));
  };
  EXPECT_EQ(json::textOf(read("list --json")["Tasks"][0]["Title"]), kHostile);
  const auto shown = read("show 1 --json");
  EXPECT_EQ(json::textOf(shown["Task"]["TaskHandlerClass"]), kHostile);
  EXPECT_EQ(json::textOf(shown["Runs"][0]["ErrorMessage"]), kHostile);
  EXPECT_EQ(json::textOf(read("schedule list --json")["Schedules"][0]["Name"]), kHostile);
  EXPECT_TRUE(read("runners --json")["Runners"].IsArray());
}

TEST_F(CommandLine, ALogIsExactInAPipeAndHarmlessOnATerminal) {
  EXPECT_EQ(run("tail 1").output, kLog);
  // The terminal itself turns each line end into CR LF.
  EXPECT_EQ(runOnTerminal("tail 1").output, "first\t\\x1B[31mred\\x1B[0m\\r\r\nsecond\r\n");
}

TEST_F(CommandLine, AFilterThatIsGivenAndEmptyIsRefusedByItsName) {
  for (const char* option :
       {"--queue", "--class", "--title", "--error-code", "--status", "--before", "--limit"}) {
    for (const std::string& arguments :
         {std::string("list ") + option + "=", std::string("list ") + option + " ''"}) {
      const CommandAnswer answer = run(arguments);
      EXPECT_EQ(answer.exitStatus, EX_USAGE) << arguments << "\n" << answer.output;
      EXPECT_THAT(answer.output, HasSubstr(option)) << arguments;
    }
  }
}

TEST_F(CommandLine, WhatIsNoNumberUnknownOrGivenTwiceIsRefused) {
  for (const char* arguments :
       {"cancel 0x1", "cancel +1", "cancel ' 1'", "cancel 01", "cancel 1e0", "retry 1.0",
        "cancel 1 --queue x", "list --limit 0x10", "list --limit 010", "list --limit 1 --limit 2",
        "list --before 0", "list --before -1", "list left over", "event task-queue:OnProcess --id 1",
        "event task-run:OnAfterItemUpdate", "schedule import --table=", "schedule preview @daily --count 1e1",
        "attach --cms /nowhere --account="}) {
    const CommandAnswer answer = run(arguments);
    EXPECT_EQ(answer.exitStatus, EX_USAGE) << arguments << "\n" << answer.output;
  }
  EXPECT_EQ(cancelled(), 0);
}

TEST_F(CommandLine, AWordThatMeansTwoSchedulesIsRefused) {
  const CommandAnswer answer = run("schedule remove 4");
  EXPECT_EQ(answer.exitStatus, EX_DATAERR);
  EXPECT_THAT(answer.output, HasSubstr("4 is the name of the schedule 3 and the Id of the schedule 'four'"));
  EXPECT_EQ(connection_.queryText("SELECT COUNT(*) FROM inp_TaskSchedules").at(0).integer(), 3);
  EXPECT_EQ(run("schedule remove four").exitStatus, EX_OK);
  EXPECT_EQ(run("schedule remove 4").exitStatus, EX_OK) << "now it means one";
}

TEST_F(CommandLine, AQueueThatNoAddressCanNameIsRefused) {
  for (const char* name : {".", "..", "a/b"}) {
    for (const std::string verb : {"pause queue ", "resume queue "}) {
      const CommandAnswer answer = run(verb + name);
      EXPECT_EQ(answer.exitStatus, EX_DATAERR) << verb << name;
      EXPECT_THAT(answer.output, HasSubstr("not '.' or '..' alone"));
    }
  }
  EXPECT_THAT(run("enqueue Noop --queue ..").output, HasSubstr("/Queue must be 1 to 64"));
  std::ofstream(directory_ / "taskqueue.ini", std::ios::app) << "[runner]\nqueues=default ..\n";
  const CommandAnswer answer = run("list");
  EXPECT_EQ(answer.exitStatus, EX_CONFIG);
  EXPECT_THAT(answer.output, HasSubstr("runner.queues"));
}

}  // namespace
}  // namespace taskqueue::contract
