// The migrations, and the schema that they produce.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <thread>

#include "module/store/maria_store.h"
#include "module/store/migration.h"
#include "tests/support/database_environment.h"

namespace taskqueue::contract {
namespace {

using store::Connection;
using store::Migration;
using store::Migrator;
using store::Row;
using store::TableNames;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kSchemaDatabase = "schema_tests";

std::int64_t countOf(Connection& connection, const std::string& sql) {
  return connection.queryText(connection.names().expand(sql)).at(0).integer();
}

std::vector<std::string> textsOf(Connection& connection, const std::string& sql) {
  std::vector<std::string> texts;
  for (Row& row : connection.queryText(connection.names().expand(sql))) texts.push_back(row.text());
  return texts;
}

class Schema : public ::testing::Test {
 protected:
  Schema() { test_support::sharedServer().createDatabase(kSchemaDatabase); }

  std::vector<int> migrate(Connection& connection) {
    return Migrator(connection).apply([](const Migration&) {});
  }

  // Returns the definitions of all tables, without AUTO_INCREMENT counters.
  static std::map<std::string, std::string> tablesOf(Connection& connection) {
    std::map<std::string, std::string> tables;
    for (Row& row :
         connection.queryText("SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = "
                              "DATABASE() ORDER BY TABLE_NAME")) {
      const std::string name = row.text();
      auto answer = connection.queryText("SHOW CREATE TABLE " + name);
      answer.front().text();
      std::istringstream words(answer.front().text());
      std::string text;
      for (std::string word; words >> word;) {
        if (!word.starts_with("AUTO_INCREMENT=")) text += word + " ";
      }
      tables[name] = text;
    }
    return tables;
  }

  Connection connection_{test_support::settingsFor(kSchemaDatabase), test_support::cmsNames()};
};

// ── applying ───────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(Schema, MigratingTwiceChangesNothing) {
  const std::vector<int> applied = migrate(connection_);
  EXPECT_EQ(applied.size(), store::migrations().size());
  const auto tables = tablesOf(connection_);
  EXPECT_THAT(migrate(connection_), IsEmpty());
  EXPECT_EQ(tablesOf(connection_), tables);
  EXPECT_EQ(Migrator(connection_).problem(), std::nullopt);
}

TEST_F(Schema, VersionsOnlyRise) {
  int last = 0;
  for (const Migration& migration : store::migrations()) {
    EXPECT_GT(migration.version, last);
    last = migration.version;
  }
}

TEST_F(Schema, AnEmptySchemaIsReportedAsTooOld) {
  const auto problem = Migrator(connection_).problem();
  ASSERT_TRUE(problem);
  EXPECT_THAT(*problem, HasSubstr("taskqueue migrate"));
}

// The migration is killed after any number of statements. Finished statements stay, and the version is not
// recorded.
TEST_F(Schema, AMigrationThatWasKilledInTheMiddleResumes) {
  Connection whole(test_support::settingsFor(kSchemaDatabase), TableNames("whole_", ""));
  migrate(whole);
  auto expected = tablesOf(whole);

  std::vector<std::string> statements;
  for (const Migration& migration : store::migrations()) {
    const auto more = store::splitStatements(migration.text, connection_.names());
    statements.insert(statements.end(), more.begin(), more.end());
  }
  for (std::size_t killedAfter = 1; killedAfter <= statements.size(); ++killedAfter) {
    test_support::sharedServer().createDatabase("schema_killed");
    Connection connection(test_support::settingsFor("schema_killed"), test_support::cmsNames());
    for (std::size_t i = 0; i < killedAfter; ++i) connection.queryText(statements[i]);
    EXPECT_EQ(migrate(connection).size(), store::migrations().size());
    const auto tables = tablesOf(connection);
    EXPECT_EQ(tables.size(), expected.size());
    for (const auto& [name, text] : tables) {
      const std::string twin = "whole_" + name.substr(std::string("inp_").size());
      EXPECT_EQ(text.substr(text.find('(')), expected.at(twin).substr(expected.at(twin).find('('))) << name;
    }
    EXPECT_EQ(countOf(connection, "SELECT COUNT(*) FROM {Settings} WHERE VariableName = 'TaskRunnerLimit'"),
              1);
  }
}

// A manual ALTER can cause this. Acknowledged writes to such a table could be lost.
TEST_F(Schema, ATableOfOursInAnotherEngineIsToldAndMadeInnoDbAgain) {
  migrate(connection_);
  connection_.queryText("ALTER TABLE inp_TaskRuns ENGINE=MyISAM");
  connection_.queryText("CREATE TABLE inp_OfTheCms (Id INT) ENGINE=MyISAM");
  EXPECT_THAT(Migrator(connection_).problem().value_or(""),
              AllOf(HasSubstr("inp_TaskRuns is kept by MyISAM"), HasSubstr("taskqueue migrate")));
  EXPECT_THAT(migrate(connection_), IsEmpty());
  EXPECT_EQ(Migrator(connection_).problem(), std::nullopt);
  EXPECT_EQ(countOf(connection_,
                    "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() "
                    "AND TABLE_NAME IN ('inp_TaskRuns', 'inp_OfTheCms') AND ENGINE = 'InnoDB'"),
            1);
}

TEST_F(Schema, ANewerSchemaIsRefused) {
  migrate(connection_);
  connection_.queryText(
      connection_.names().expand("INSERT INTO {TaskQueueSchema} (Id, Name) VALUES (4711, 'later')"));
  EXPECT_THAT(Migrator(connection_).problem().value_or(""), HasSubstr("4711"));
  Connection other(test_support::settingsFor(kSchemaDatabase), test_support::cmsNames());
  for (Connection* connection : {&connection_, &other}) {  // the second connection finds the lock free again
    try {
      migrate(*connection);
      FAIL() << "must be refused";
    } catch (const StoreError& error) {
      EXPECT_EQ(error.kind(), StoreError::Kind::Broken) << error.what();
    }
  }
}

TEST_F(Schema, TwoPrefixesLiveSideBySide) {
  Connection other(test_support::settingsFor(kSchemaDatabase), TableNames("second_", ""));
  migrate(connection_);
  EXPECT_EQ(migrate(other).size(), store::migrations().size());
  other.queryText(other.names().expand("INSERT INTO {TaskQueue} (TaskHandlerClass) VALUES ('Echo')"));
  EXPECT_EQ(countOf(other, "SELECT COUNT(*) FROM {TaskQueue}"), 1);
  EXPECT_EQ(countOf(connection_, "SELECT COUNT(*) FROM {TaskQueue}"), 0);
}

TEST_F(Schema, NoPrefixAtAllWorksToo) {
  Connection bare(test_support::settingsFor(kSchemaDatabase), TableNames("", ""));
  EXPECT_EQ(migrate(bare).size(), store::migrations().size());
  EXPECT_EQ(countOf(bare, "SELECT COUNT(*) FROM TaskQueue"), 0);
}

TEST_F(Schema, TwoMigrationsAtOnceTakeTurns) {
  auto settings = test_support::settingsFor(kSchemaDatabase);
  std::vector<int> applied[2];
  std::vector<std::thread> threads;
  for (auto& mine : applied) {
    threads.emplace_back([&] {
      Connection connection(settings, test_support::cmsNames());
      mine = Migrator(connection).apply([](const Migration&) {});
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(applied[0].size() + applied[1].size(), store::migrations().size());
}

// ── the CMS's settings ─────────────────────────────────────────────────────────────────────────────────────

TEST_F(Schema, TheCmsSettingsTableIsLeftAloneButGetsTheRunnerLimit) {
  connection_.queryText(
      "CREATE TABLE inp_SystemSettings (VariableId INT NOT NULL AUTO_INCREMENT PRIMARY KEY, VariableName "
      "VARCHAR(100) NOT NULL DEFAULT '', VariableValue MEDIUMTEXT, ModuleOwner VARCHAR(20) NOT NULL "
      "DEFAULT 'In-Portal', Heading VARCHAR(255) NOT NULL DEFAULT '')");
  connection_.queryText("INSERT INTO inp_SystemSettings (VariableName, VariableValue) VALUES ('Site', 'x')");
  const std::string before = tablesOf(connection_).at("inp_SystemSettings");
  migrate(connection_);
  EXPECT_EQ(tablesOf(connection_).at("inp_SystemSettings"), before);
  EXPECT_EQ(countOf(connection_, "SELECT COUNT(*) FROM {Settings}"), 2);
  EXPECT_EQ(
      countOf(connection_, "SELECT VariableValue FROM {Settings} WHERE VariableName = 'TaskRunnerLimit'"), 2);
}

TEST_F(Schema, ARunnerLimitThatTheCmsHasAlreadyIsKept) {
  connection_.queryText("CREATE TABLE inp_SystemSettings (VariableName VARCHAR(100), VariableValue TEXT)");
  connection_.queryText("INSERT INTO inp_SystemSettings VALUES ('TaskRunnerLimit', '9')");
  migrate(connection_);
  EXPECT_THAT(textsOf(connection_, "SELECT VariableValue FROM {Settings}"), ElementsAre("9"));
}

TEST_F(Schema, ASettingsTableOfAnotherNameIsUsed) {
  Connection older(test_support::settingsFor(kSchemaDatabase), TableNames("inp_", "inp_ConfigurationValues"));
  older.queryText("CREATE TABLE inp_ConfigurationValues (VariableName VARCHAR(100), VariableValue TEXT)");
  migrate(older);
  EXPECT_EQ(countOf(older, "SELECT COUNT(*) FROM inp_ConfigurationValues"), 1);
  EXPECT_FALSE(tablesOf(older).contains("inp_SystemSettings"));
}

TEST_F(Schema, ASiteWithTheOlderSettingsTableIsToldHowToNameIt) {
  connection_.queryText(
      "CREATE TABLE inp_ConfigurationValues (VariableName VARCHAR(100), VariableValue TEXT)");
  try {
    migrate(connection_);
    FAIL() << "must be refused";
  } catch (const StoreError& error) {
    EXPECT_THAT(error.what(), HasSubstr("database.settings_table=inp_ConfigurationValues"));
  }
  EXPECT_EQ(tablesOf(connection_).size(), 1U);
}

// ── the resulting schema ───────────────────────────────────────────────────────────────────────────────────

// The keys of a table appear in order of creation; a different order is no difference.
std::multiset<std::string> linesOf(const std::string& createTable) {
  std::multiset<std::string> lines;
  std::string text = createTable;
  for (std::size_t at = text.find(", "); at != std::string::npos; at = text.find(", ")) {
    lines.insert(text.substr(0, at));
    text.erase(0, at + 2);
  }
  lines.insert(text.substr(0, text.find(" ) ENGINE")));
  lines.insert(text.substr(text.find(" ) ENGINE")));
  return lines;
}

TEST_F(Schema, TheSchemaFileEqualsTheMigrations) {
  migrate(connection_);
  test_support::sharedServer().createDatabase("schema_file");
  Connection fromFile(test_support::settingsFor("schema_file"), test_support::cmsNames());
  std::ifstream file(TASKQUEUE_SOURCE_DIRECTORY "/sql/schema.sql");
  std::ostringstream text;
  text << file.rdbuf();
  for (const std::string& statement : store::splitStatements(text.str(), fromFile.names()))
    fromFile.queryText(statement);

  const auto migrated = tablesOf(connection_);
  const auto written = tablesOf(fromFile);
  EXPECT_EQ(migrated.size(), written.size());
  for (const auto& [name, table] : migrated) {
    ASSERT_TRUE(written.contains(name)) << name << " is missing in sql/schema.sql";
    EXPECT_EQ(linesOf(written.at(name)), linesOf(table)) << name;
  }
}

// Checks the CMS's rules on a schema that is migrated once for all tests.
class MigratedSchema : public ::testing::Test {
 protected:
  static constexpr const char* kMigrated = "schema_migrated";

  static void SetUpTestSuite() {
    test_support::sharedServer().createDatabase(kMigrated);
    test_support::migrate(kMigrated);
  }

  Connection connection_{test_support::settingsFor(kMigrated), test_support::cmsNames()};
};

const char* const kOurColumns =
    "FROM information_schema.COLUMNS c WHERE c.TABLE_SCHEMA = DATABASE() AND c.TABLE_NAME <> "
    "'inp_SystemSettings' AND ";

const char* const kIsFirstInAnIndex =
    "EXISTS (SELECT 1 FROM information_schema.STATISTICS s WHERE s.TABLE_SCHEMA = c.TABLE_SCHEMA AND "
    "s.TABLE_NAME = c.TABLE_NAME AND s.COLUMN_NAME = c.COLUMN_NAME AND s.SEQ_IN_INDEX = 1)";

TEST_F(MigratedSchema, EveryTableHasOneSignedNumericPrimaryKeyNamedId) {
  EXPECT_THAT(textsOf(connection_, std::string("SELECT CONCAT(c.TABLE_NAME, '.', c.COLUMN_NAME) ") +
                                       kOurColumns + "(c.COLUMN_KEY = 'PRI') <> (c.COLUMN_NAME = 'Id')"),
              IsEmpty());
  EXPECT_THAT(textsOf(connection_, std::string("SELECT c.TABLE_NAME ") + kOurColumns +
                                       "c.COLUMN_NAME = 'Id' AND c.COLUMN_TYPE <> 'int(11)'"),
              IsEmpty());
}

// No grid sorts by these, and every claim would pay for them (CLAIM-14).
const char* const kIsUnused =
    "(c.TABLE_NAME LIKE '%TaskRuns' AND c.COLUMN_NAME IN ('Status', 'CancelRequestedOn', 'ErrorGroupId') OR "
    "c.COLUMN_NAME = "
    "'NotificationTaskId')";

TEST_F(MigratedSchema, EveryDateIsAnIndexedIntThatMayBeNull) {
  const std::string dates = std::string("SELECT CONCAT(c.TABLE_NAME, '.', c.COLUMN_NAME) ") + kOurColumns +
                            "c.COLUMN_NAME LIKE BINARY '%On' AND c.COLUMN_NAME <> 'NotifyOn' ";
  EXPECT_GT(textsOf(connection_, dates).size(), 10U);
  EXPECT_THAT(
      textsOf(connection_, dates + "AND (c.COLUMN_TYPE <> 'int(11)' OR c.IS_NULLABLE <> 'YES' OR NOT " +
                               kIsFirstInAnIndex + " AND NOT " + kIsUnused + ")"),
      IsEmpty());
  EXPECT_THAT(textsOf(connection_, std::string("SELECT c.COLUMN_NAME ") + kOurColumns +
                                       "c.DATA_TYPE IN ('date', 'datetime', 'timestamp', 'time')"),
              IsEmpty());
}

TEST_F(MigratedSchema, EveryStatusAndForeignKeyIsIndexed) {
  const std::string columns =
      std::string("SELECT CONCAT(c.TABLE_NAME, '.', c.COLUMN_NAME) ") + kOurColumns +
      "(c.COLUMN_NAME IN ('Status', 'LastStatus') OR c.COLUMN_NAME LIKE BINARY '%Id') AND c.COLUMN_NAME NOT "
      "IN ('ProcessId', 'BootId') ";
  EXPECT_GT(textsOf(connection_, columns).size(), 10U);
  EXPECT_THAT(textsOf(connection_, columns + "AND NOT " + kIsFirstInAnIndex + " AND NOT " + kIsUnused),
              IsEmpty());
}

TEST_F(MigratedSchema, TextColumnsAreNullWithoutDefaultAndAllOthersHaveOne) {
  EXPECT_THAT(
      textsOf(connection_, std::string("SELECT CONCAT(c.TABLE_NAME, '.', c.COLUMN_NAME) ") + kOurColumns +
                               "c.DATA_TYPE LIKE '%text' AND (c.IS_NULLABLE <> 'YES' OR c.COLUMN_DEFAULT "
                               "<> 'NULL')"),
      IsEmpty());
  EXPECT_THAT(
      textsOf(connection_, std::string("SELECT CONCAT(c.TABLE_NAME, '.', c.COLUMN_NAME) ") + kOurColumns +
                               "c.DATA_TYPE NOT LIKE '%text' AND c.COLUMN_NAME <> 'Id' AND "
                               "c.COLUMN_DEFAULT IS NULL"),
      IsEmpty());
}

TEST_F(MigratedSchema, NothingWouldBreakTheCmsEditor) {
  EXPECT_EQ(countOf(connection_,
                    "SELECT COUNT(*) FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE "
                    "CONSTRAINT_SCHEMA = DATABASE()"),
            0);
  EXPECT_THAT(
      textsOf(connection_, std::string("SELECT c.COLUMN_NAME ") + kOurColumns +
                               "(c.GENERATION_EXPRESSION <> '' OR c.EXTRA LIKE '%GENERATED%' OR c.EXTRA "
                               "LIKE '%on update%')"),
      IsEmpty());
  EXPECT_EQ(countOf(connection_,
                    "SELECT COUNT(*) FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()"),
            0);
}

// The CMS's editor copies, deletes and inserts the row again.
TEST_F(Schema, ARowCopiedAwayAndBackIsTheSame) {
  migrate(connection_);
  connection_.queryText(
      "INSERT INTO inp_TaskQueue (TaskHandlerClass, UniqueKey, ActiveKey) VALUES ('Echo', 'k', 'k')");
  connection_.queryText("CREATE TABLE inp_ses_1_edit_TaskQueue SELECT * FROM inp_TaskQueue");
  connection_.queryText("DELETE FROM inp_TaskQueue");
  connection_.queryText("INSERT INTO inp_TaskQueue SELECT * FROM inp_ses_1_edit_TaskQueue");
  EXPECT_THAT(
      textsOf(connection_, "SELECT CONCAT_WS('|', ActiveKey, NextRunOn, LastStatus) FROM {TaskQueue}"),
      ElementsAre("k|0|scheduled"));
}

TEST_F(Schema, AnOldSiteInLatin1KeepsEveryCharacter) {
  test_support::sharedServer().createDatabase("schema_latin1", "latin1");
  Connection connection(test_support::settingsFor("schema_latin1"), test_support::cmsNames());
  migrate(connection);
  store::MariaStore store(
      test_support::settingsFor("schema_latin1"), test_support::cmsNames(),
      [] { return std::string(32, 'a'); }, [] { return 0.0; });
  const std::string wide = "\xF0\x9F\x98\x80\xD0\x9F";
  const NewTask task{
      .taskHandlerClass = wide, .taskData = "{\"d\":\"" + wide + "\"}", .uniqueKey = wide, .title = wide};
  const int id = store.tasks.insertTasks(std::span(&task, 1), std::nullopt).tasks.at(0).id;
  EXPECT_EQ(store.tasks.findTask(id)->title, wide);
  EXPECT_EQ(store.tasks.findTask(id)->taskData, task.taskData);
  EXPECT_FALSE(store.tasks.insertTasks(std::span(&task, 1), std::nullopt).tasks.at(0).created);

  SyncRequest request;
  request.taskRunnerId = store.runners.registerRunner({}, {});
  request.queues = {"default"};
  request.handlers = {wide};
  request.claimLimit = 1;
  const auto claimed = store.runners.sync(request).claimed;
  ASSERT_EQ(claimed.size(), 1U);
  RunEnd end;
  end.owned = claimed[0].owned;
  end.standardOutput = {.kept = wide, .totalBytes = static_cast<std::int64_t>(wide.size())};
  request.claimLimit = 0;
  request.ends = {end};
  EXPECT_THAT(store.runners.sync(request).lostRuns, IsEmpty());
  EXPECT_EQ(store.tasks.readOutput(end.owned.runId, OutputStream::StandardOutput, 0, 100)->content, wide);
}

}  // namespace
}  // namespace taskqueue::contract
