// A server with smaller limits than ours: input that fits works, and other input is rejected or cut with a
// message.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "module/queue/lease_watch.h"
#include "module/queue/task_queue.h"
#include "module/store/database/server_notices.h"
#include "module/store/maria_store.h"
#include "module/store/migration.h"
#include "tests/server/task_life.h"
#include "tests/support/database_environment.h"
#include "tests/support/eventually.h"
#include "tests/support/turned_settings.h"

namespace taskqueue::server_tests {
namespace {

using store::Connection;
using test_support::TurnedSettings;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr const char* kLimitsDatabase = "server_limits";

class ServerLimits : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    test_support::sharedServer().createDatabase(kLimitsDatabase);
    test_support::migrate(kLimitsDatabase);
  }
  static std::unique_ptr<store::MariaStore> newStore() {
    static int tokens = 0;
    return std::make_unique<store::MariaStore>(
        test_support::settingsFor(kLimitsDatabase), test_support::cmsNames(),
        [] { return "limits" + std::to_string(++tokens); }, [] { return 0.0; });
  }
  static int addRunner(store::MariaStore& store, const std::string& schema = "") {
    NewRunner self;
    self.identity = {
        .processId = 5, .hostName = "h", .bootId = "b", .pidNamespace = 1, .processStartTicks = 1};
    self.queues = {"default"};
    self.slots = 10;
    std::vector<HandlerDeclaration> handlers{
        {.taskHandlerClass = "Echo", .kind = "cpp", .dataSchema = schema}};
    for (int i = 0; i < 5; ++i)
      handlers.push_back({.taskHandlerClass = "H" + std::to_string(i), .kind = "cpp", .dataSchema = schema});
    return store.runners.registerRunner(self, handlers);
  }
  static ClaimedRun claimOne(store::MariaStore& store, int runner) {
    return store.runners
        .sync({.taskRunnerId = runner, .claimLimit = 1, .queues = {"default"}, .handlers = {"Echo"}})
        .claimed.at(0);
  }
  static std::vector<std::string> answersOf(Connection& connection, const std::string& text,
                                            const std::vector<store::Value>& values) {
    std::vector<std::string> cells;
    for (store::Row& row : connection.queryText(text, values)) cells.push_back(row.text());
    return cells;
  }
};

// ── prepared statements ────────────────────────────────────────────────────────────────────────────────────

TEST_F(ServerLimits, WithoutPreparedStatementsTasksLiveAsWithThem) {
  const auto expected = lifeOfTasks(kLimitsDatabase);
  for (const char* max : {"0", "60"}) {
    const TurnedSettings turned(test_support::sharedServer(), {{"max_prepared_stmt_count", max}});
    EXPECT_EQ(lifeOfTasks(kLimitsDatabase), expected) << max;
  }
}

TEST_F(ServerLimits, StatementsThatOthersKeepPreparedTakeNoneOfOurs) {
  auto store = newStore();
  store->clock.now();
  const TurnedSettings turned(test_support::sharedServer(), {{"max_prepared_stmt_count", "1"}});
  EXPECT_NO_THROW(store->tasks.findTasks({}));
  EXPECT_EQ(store->connection().preparedCount(), 0U) << "what the server still grants is left to others";
}

TEST_F(ServerLimits, AConnectionKeepsAShareOfThePreparedStatementsAtMost) {
  const TurnedSettings turned(test_support::sharedServer(), {{"max_prepared_stmt_count", "2500"}});
  auto store = newStore();
  for (int i = 0; i < 60; ++i)
    store->connection().queryText("SELECT ?, " + std::to_string(i), {std::int64_t{i}});
  EXPECT_EQ(store->connection().preparedCount(), 25U);
}

TEST_F(ServerLimits, AValueIsTheSameInAPreparedStatementAndInAText) {
  std::string bytes;
  for (int i = 1; i < 128; ++i) bytes += static_cast<char>(i);
  const std::vector<store::Value> values{bytes,
                                         std::string("a\0b", 3),
                                         std::string("it's \\ \"?\" `?` é😀 %_"),
                                         std::int64_t{INT64_MIN},
                                         std::int64_t{INT64_MAX},
                                         std::int64_t{-1},
                                         nullptr,
                                         std::string()};
  const std::string text =
      "SELECT CONCAT_WS('|', HEX(?), HEX(?), HEX(?), ?, ?, 5 - ?, COALESCE(?, '? is it'), HEX(?), \"?\", "
      "'''?', "
      "'\\'?') `?`";
  Connection prepared(test_support::settingsFor(kLimitsDatabase), test_support::cmsNames());
  const auto expected = answersOf(prepared, text, values);
  EXPECT_EQ(prepared.preparedCount(), 1U);
  const TurnedSettings turned(test_support::sharedServer(), {{"max_prepared_stmt_count", "0"}});
  Connection plain(test_support::settingsFor(kLimitsDatabase), test_support::cmsNames());
  EXPECT_EQ(answersOf(plain, text, values), expected);
  EXPECT_EQ(plain.preparedCount(), 0U);
}

// ── packets ────────────────────────────────────────────────────────────────────────────────────────────────

class SmallPackets : public ServerLimits {
 protected:
  TurnedSettings turned_{test_support::sharedServer(), {{"max_allowed_packet", "65536"}}};
};

TEST_F(SmallPackets, TasksLiveAsUnderLargeOnes) {
  const auto small = lifeOfTasks(kLimitsDatabase);
  const TurnedSettings large(test_support::sharedServer(), {{"max_allowed_packet", "16777216"}});
  EXPECT_EQ(small, lifeOfTasks(kLimitsDatabase));
}

TEST_F(SmallPackets, ATaskThatDoesNotFitIsRefusedWithItsSizeAndTheOthersAreTaken) {
  auto store = newStore();
  const NewTask tooLarge{.taskHandlerClass = "Echo",
                         .taskData = R"({"a":")" + std::string(70000, 'x') + "\"}"};
  try {
    store->tasks.insertTasks(std::span(&tooLarge, 1), std::nullopt);
    ADD_FAILURE() << "it was taken";
  } catch (const TooLargeForServer& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("70"), HasSubstr("65536"), HasSubstr("max_allowed_packet")));
  }
  const std::vector<NewTask> many(
      200, NewTask{.taskHandlerClass = "Echo", .taskData = R"({"a":")" + std::string(5000, 'x') + "\"}"});
  EXPECT_EQ(store->tasks.insertTasks(many, std::nullopt).tasks.size(), 200U);
}

TEST_F(SmallPackets, TheEndOfARunIsCutToWhatFits) {
  auto store = newStore();
  test_support::emptyTables(store->connection());
  const int runner = addRunner(*store, R"({"description":")" + std::string(12000, 'x') + "\"}");
  EXPECT_EQ(store->handlers.findHandlers().size(), 6U);
  for (const char filling : {'o', '\x01'}) {
    const NewTask task{.taskHandlerClass = "Echo"};
    store->tasks.insertTasks(std::span(&task, 1), std::nullopt);
    const ClaimedRun run = claimOne(*store, runner);
    SyncRequest request{.taskRunnerId = runner};
    request.output.push_back({.owned = run.owned, .content = std::string(200000, filling)});
    store->runners.sync(request);
    RunEnd end;
    end.owned = run.owned;
    end.results = "\"" + std::string(90000, 'r') + "\"";
    end.percentsCompleted = 100;
    end.hadLiveOutput = true;
    end.standardOutput = {.kept = "first line\n" + std::string(200000, filling) + "\nlast line\n",
                          .totalBytes = 200022};
    end.errorOutput = {.kept = std::string(200000, filling), .totalBytes = 200000};
    request = {.taskRunnerId = runner};
    request.ends.push_back(end);
    EXPECT_TRUE(store->runners.sync(request).lostRuns.empty());
    const taskqueue::Run ended = store->tasks.findRun(run.owned.runId).value();
    EXPECT_EQ(ended.status, RunStatus::Success);
    const auto output = store->tasks.readOutput(ended.id, OutputStream::StandardOutput, 0, 1 << 20).value();
    EXPECT_THAT(output.content, HasSubstr("first line"));
    EXPECT_GT(output.droppedBytes, 100000);
    const auto errors = store->tasks.readOutput(ended.id, OutputStream::ErrorOutput, 199000, 1 << 20).value();
    EXPECT_THAT(errors.content, HasSubstr("Results of 90002 bytes are left out"));
  }
}

// A text in JSON took up to six bytes of the packet for one.
TEST_F(SmallPackets, ATextThatFitsIsKeptWholeWhateverItsBytes) {
  auto store = newStore();
  test_support::emptyTables(store->connection());
  const int runner = addRunner(*store);
  const NewTask task{.taskHandlerClass = "Echo"};
  store->tasks.insertTasks(std::span(&task, 1), std::nullopt);
  const ClaimedRun run = claimOne(*store, runner);
  RunEnd end;
  end.owned = run.owned;
  end.standardOutput = {.kept = std::string(50'000, '\x01'), .totalBytes = 50'000};
  SyncRequest request{.taskRunnerId = runner};
  request.ends.push_back(end);
  EXPECT_TRUE(store->runners.sync(request).lostRuns.empty());
  const auto output =
      store->tasks.readOutput(run.owned.runId, OutputStream::StandardOutput, 0, 1 << 20).value();
  EXPECT_EQ(output.content, end.standardOutput.kept);
}

// ── disk full ──────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(ServerLimits, UsedUpIdsFailWhatNeedsOneWithAWordAndNothingElse) {
  auto store = newStore();
  test_support::emptyTables(store->connection());
  const int runner = addRunner(*store);
  const std::vector<NewTask> tasks(3, NewTask{.taskHandlerClass = "Echo"});
  store->tasks.insertTasks(tasks, std::nullopt);
  const ClaimedRun run = claimOne(*store, runner);
  const auto expectNoRoom = [](auto action) {
    try {
      action();
      ADD_FAILURE() << "there was an Id";
    } catch (const NoRoomOnServer& error) {
      EXPECT_EQ(error.kind(), StoreError::Kind::TryAgain);
      EXPECT_THAT(error.what(), HasSubstr("Ids of the table are used up"));
    }
  };
  for (const char* table : {"inp_TaskQueue", "inp_TaskRuns", "inp_TaskRunOutput"}) {
    store->connection().queryText(std::string("ALTER TABLE ") + table + " AUTO_INCREMENT = 2147483647");
    store->connection().queryText(std::string("INSERT INTO ") + table + " () VALUES ()");
  }
  store->connection().queryText("UPDATE inp_TaskQueue SET NextRunOn = NULL WHERE Id = 2147483647");
  expectNoRoom([&] { store->tasks.insertTasks(tasks, std::nullopt); });
  expectNoRoom([&] { claimOne(*store, runner); });
  SyncRequest output{.taskRunnerId = runner};
  output.output.push_back({.owned = run.owned, .content = "x"});
  expectNoRoom([&] { store->runners.sync(output); });
  EXPECT_TRUE(store->runners.heartbeat(runner, {}).runnerAlive);
  LeaseWatch leases(std::chrono::seconds(60));
  TaskQueue queue(store->roles(), {}, {}, leases, {});
  expectNoRoom([&] { queue.processQueue(); });
  EXPECT_TRUE(store->maintenance.overseerMarkedOn()) << "the overseer's pass goes on to its end";
  RunEnd end;
  end.owned = run.owned;
  SyncRequest request{.taskRunnerId = runner};
  request.ends.push_back(end);
  EXPECT_TRUE(store->runners.sync(request).lostRuns.empty());
  EXPECT_EQ(store->tasks.findRun(run.owned.runId)->status, RunStatus::Success);
  test_support::sharedServer().createDatabase(kLimitsDatabase);
  test_support::migrate(kLimitsDatabase);
}

TEST_F(ServerLimits, AServerWithoutRoomIsAskedAgainLater) {
  for (const auto& [error, message] :
       {std::pair(1021U, ""), std::pair(1114U, ""), std::pair(28U, ""), std::pair(3U, "")}) {
    platform::armFailpoint(platform::Moment::Before, error, 0);
    auto store = newStore();
    try {
      store->tasks.insertTasks(std::vector<NewTask>{{.taskHandlerClass = "Echo"}}, std::nullopt);
      ADD_FAILURE() << error;
    } catch (const StoreError& problem) {
      EXPECT_EQ(problem.kind(), StoreError::Kind::TryAgain) << problem.what();
      EXPECT_THAT(problem.what(), HasSubstr("no room")) << message;
    }
  }
  platform::disarmFailpoint();
}

TEST_F(ServerLimits, AConnectionThatTheServerRefusesIsAskedForAgain) {
  Connection root(test_support::settingsFor(kLimitsDatabase), test_support::cmsNames());
  root.queryText("CREATE OR REPLACE USER many@localhost");
  root.queryText(std::string("GRANT SELECT ON ") + kLimitsDatabase + ".* TO many@localhost");
  const store::ConnectionSettings settings{.optionFile = test_support::sharedServer().optionFileFor("many"),
                                           .database = kLimitsDatabase};
  const TurnedSettings turned(test_support::sharedServer(), {{"max_connections", "10"}});
  std::vector<std::unique_ptr<Connection>> all;
  const auto openOne = [&] {
    all.push_back(std::make_unique<Connection>(settings, test_support::cmsNames()));
    all.back()->queryText("SELECT 1");
  };
  try {
    for (int i = 0; i < 12; ++i) openOne();
    ADD_FAILURE() << "12 of 10 connections";
  } catch (const StoreError& error) {
    EXPECT_EQ(error.kind(), StoreError::Kind::Unavailable);
    EXPECT_THAT(error.what(), HasSubstr("Too many connections"));
  }
  all.front()->close();
  EXPECT_TRUE(test_support::eventually(
      [&] {
        try {
          return all.back()->queryText("SELECT 1").at(0).integer() == 1;
        } catch (const StoreError&) {
          return false;
        }
      },
      std::chrono::seconds(10)));
}

TEST_F(ServerLimits, TemporaryTablesWithoutRoomFailTheStatementAlone) {
  Connection connection(test_support::settingsFor(kLimitsDatabase), test_support::cmsNames());
  connection.queryText("SET SESSION tmp_disk_table_size=1024, tmp_memory_table_size=0");
  EXPECT_THROW(
      connection.queryText("SELECT COUNT(*) FROM (SELECT DISTINCT REPEAT(seq, 200) FROM seq_1_to_5000) t"),
      NoRoomOnServer);
  EXPECT_EQ(connection.queryText("SELECT 1").at(0).integer(), 1);
}

// ── reported at the start ──────────────────────────────────────────────────────────────────────────────────

TEST_F(ServerLimits, WhatIsSmallerThanWeNeedIsToldWithTheLineThatMendsIt) {
  const store::ServerNeeds needs{.taskDataBytes = 1 << 20, .outputBytes = 1 << 20, .connections = 17};
  {
    Connection connection(test_support::settingsFor(kLimitsDatabase), test_support::cmsNames());
    EXPECT_THAT(store::serverNotices(connection, needs), IsEmpty());
  }
  const TurnedSettings turned(test_support::sharedServer(), {{"max_allowed_packet", "1048576"},
                                                             {"max_prepared_stmt_count", "60"},
                                                             {"max_connections", "15"},
                                                             {"enforce_storage_engine", "'MyISAM'"}});
  Connection connection(test_support::settingsFor(kLimitsDatabase), test_support::cmsNames());
  EXPECT_THAT(
      store::serverNotices(connection, needs),
      UnorderedElementsAre(HasSubstr("SET GLOBAL max_allowed_packet=16777216"),
                           HasSubstr("max_prepared_stmt_count is 60"), HasSubstr("max_connections is 15"),
                           HasSubstr("enforce_storage_engine is MyISAM")));
}

// It needs its own server, because these options apply at server start.
TEST(AnotherServer, ThatIgnoresOurCharactersAndLogsStatementsIsUsedOrNamed) {
  const test_support::MariadbServer server(
      test_support::MariadbServer::Purpose::Tests,
      {"--skip-character-set-client-handshake", "--character-set-server=latin1", "--log-bin=log",
       "--server-id=7", "--binlog-format=STATEMENT"});
  Connection connection({.optionFile = server.optionFile(), .database = "mysql"}, {"", ""});
  EXPECT_EQ(connection.queryText("SELECT HEX('\xCE\xA9'), HEX(?)", {std::string("\xCE\xA9")}).at(0).text(),
            "CEA9");
  EXPECT_THAT(store::serverNotices(connection, {}), ElementsAre(HasSubstr("SET GLOBAL binlog_format=MIXED")));
  connection.queryText("CREATE DATABASE d");
  connection.queryText("CREATE TABLE d.t (Id INT PRIMARY KEY) ENGINE=InnoDB");
  try {
    connection.queryText("INSERT INTO d.t VALUES (1)");
    ADD_FAILURE() << "it was taken";
  } catch (const StoreError& error) {
    EXPECT_THAT(error.what(), HasSubstr("set binlog_format=MIXED or ROW"));
  }
}

}  // namespace
}  // namespace taskqueue::server_tests
