// All SQL statements must fit the schema, and each hot one must have its intended plan.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "module/store/maria_store.h"
#include "tests/support/database_environment.h"

namespace taskqueue::contract {
namespace {

using store::Connection;
using store::Row;
using store::Sql;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kStatementsDatabase = "statements";

// One line of EXPLAIN.
struct Step {
  std::string table;
  std::string access;
  std::string key;
  std::string extra;
};

class Statements : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    test_support::sharedServer().createDatabase(kStatementsDatabase);
    test_support::migrate(kStatementsDatabase);
    Connection connection(test_support::settingsFor(kStatementsDatabase), test_support::cmsNames());
    fill(connection);
  }

  // Adds a backlog and a history, so that the optimizer has a choice.
  static void fill(Connection& connection) {
    connection.queryText(
        "INSERT INTO inp_TaskQueue (TaskHandlerClass, Queue, Priority, NextRunOn, LastStatus) SELECT "
        "'Echo', 'default', seq % 10, IF(seq % 4 = 0, seq, NULL), IF(seq % 4 = 0, 'scheduled', 'success') "
        "FROM seq_1_to_4000");
    connection.queryText(
        "INSERT INTO inp_TaskRuns (TaskQueueId, OpenTaskQueueId, Attempt, Status, TaskRunnerId, RunToken) "
        "SELECT seq, IF(seq > 3990, seq, NULL), 1, IF(seq > 3990, 'running', 'success'), 1, seq FROM "
        "seq_1_to_4000");
    connection.queryText("INSERT INTO inp_TaskRunners (ProcessId) VALUES (1), (2)");
    connection.queryText(
        "INSERT INTO inp_TaskRunOutput (TaskRunId, Stream, Position, Bytes, Content) SELECT seq, 'stdout', "
        "0, 1, 'x' FROM seq_1_to_1000");
    connection.queryText(
        "INSERT INTO inp_TaskSchedules (Name, NextFireOn) SELECT seq, 1700000000 + seq FROM seq_1_to_1000");
    connection.queryText(
        "INSERT INTO inp_TaskScheduleFirings (TaskScheduleId, FireOn, Outcome) SELECT seq % 10, seq, 'fired' "
        "FROM seq_1_to_4000");
    connection.queryText(
        "INSERT INTO inp_TaskQueueRequests (IdempotencyKey, CreatedOn) SELECT seq, seq FROM seq_1_to_1000");
    connection.queryText("INSERT INTO inp_TaskQueueAudit (ChangedOn) SELECT seq FROM seq_1_to_1000");
    connection.queryText(
        "INSERT INTO inp_TaskCheckpoints (TaskQueueId, UpdatedOn) SELECT seq, seq FROM seq_1_to_1000");
    connection.queryText("INSERT INTO inp_TaskRunFiles (TaskRunId, Name) SELECT seq, 'x' FROM seq_1_to_1000");
    connection.queryText(
        "ANALYZE TABLE inp_TaskQueueRequests, inp_TaskQueueAudit, inp_TaskCheckpoints, inp_TaskRunFiles");
    connection.queryText("ANALYZE TABLE inp_TaskSchedules, inp_TaskScheduleFirings");
    connection.queryText("ANALYZE TABLE inp_TaskQueue, inp_TaskRuns, inp_TaskRunners, inp_TaskRunOutput");
  }

  std::string textOf(const std::string& name) {
    for (const Sql* sql : Sql::all()) {
      if (sql->name() == name) return connection_.names().expand(sql->text());
    }
    throw std::logic_error("no statement is named " + name);
  }

  std::vector<Step> planOf(const std::string& name, const std::vector<store::Value>& parameters) {
    return planOfText(textOf(name), parameters);
  }

  std::vector<Step> planOfText(const std::string& text, const std::vector<store::Value>& parameters) {
    std::vector<Step> plan;
    for (Row& row : connection_.queryText("EXPLAIN " + connection_.names().expand(text), parameters)) {
      row.text();  // id
      row.text();  // select_type
      Step step;
      step.table = row.text();
      step.access = row.text();
      row.text();  // possible_keys
      step.key = row.text();
      row.text();  // key_len
      row.text();  // ref
      row.text();  // rows
      step.extra = row.text();
      plan.push_back(step);
    }
    return plan;
  }

  Step stepOf(const std::string& name, const std::vector<store::Value>& parameters,
              const std::string& table) {
    const auto plan = planOf(name, parameters);
    const auto found =
        std::find_if(plan.begin(), plan.end(), [&](const Step& step) { return step.table == table; });
    if (found == plan.end()) throw std::logic_error(name + " does not touch " + table);
    return *found;
  }

  static constexpr const char* kRows =
      R"([{"r":10,"q":10,"k":"10","s":"success","f":0,"g":0,"d":0,"p":1,"n":"","df":0,"dt":9,"st":"stdout"},)"
      R"({"r":11,"q":11,"k":"11","s":"success","f":0,"g":0,"d":0,"p":1,"n":"","df":0,"dt":9,"st":"stdout"}])";

  Connection connection_{test_support::settingsFor(kStatementsDatabase), test_support::cmsNames()};
};

TEST_F(Statements, EveryStatementIsPreparedOnAFreshSchema) {
  ASSERT_GT(Sql::all().size(), 40U);
  for (const Sql* sql : Sql::all()) {
    std::string quoted;
    for (const char c : connection_.names().expand(sql->text())) {
      if (c == '\'' || c == '\\') quoted += '\\';
      quoted += c;
    }
    EXPECT_NO_THROW(connection_.queryText("PREPARE s FROM '" + quoted + "'")) << sql->name();
  }
}

TEST_F(Statements, EveryPlaceholderIsATable) {
  std::set<std::string> known{"", "Settings", "Task"};  // `{}` is JSON; `{Task}%` matches all our tables
  for (Row& row : connection_.queryText("SHOW TABLES LIKE 'inp\\_%'")) known.insert(row.text().substr(4));
  for (const Sql* sql : Sql::all()) {
    const std::string& text = sql->text();
    EXPECT_EQ(text.find('\n'), std::string::npos) << sql->name();
    for (auto open = text.find('{'); open != std::string::npos; open = text.find('{', open + 1)) {
      const std::string name = text.substr(open + 1, text.find('}', open) - open - 1);
      EXPECT_TRUE(known.contains(name)) << sql->name() << ": {" << name << "}";
    }
  }
}

TEST_F(Statements, APieceMustExistAndMayNotHoldItself) {
  static const store::SqlPiece kInner{"inner_of_test", R"(
    t.Id,
    t.Queue
  )"};
  static const store::SqlPiece kOuter{"outer_of_test", "SELECT {inner_of_test}"};
  static const store::SqlPiece kEndless{"endless_of_test", "{endless_of_test}"};
  EXPECT_EQ(store::expandPieces("{outer_of_test} FROM {TaskQueue} t WHERE t.TaskData = '{}'"),
            "SELECT t.Id, t.Queue FROM {TaskQueue} t WHERE t.TaskData = '{}'");
  EXPECT_THROW(store::expandPieces("{no_such_piece}"), StoreError);
  EXPECT_THROW(store::expandPieces("{endless_of_test}"), StoreError);
}

TEST_F(Statements, NoneAsksTheClockInWordsThatAnIntColumnMisunderstands) {
  for (const Sql* sql : Sql::all()) {
    std::string upper = sql->text();
    std::transform(upper.begin(), upper.end(), upper.begin(),
                   [](unsigned char c) { return std::toupper(c); });
    for (const char* word : {"NOW(", "CURRENT_TIMESTAMP", "SYSDATE", "LOCALTIME", "CURDATE", "CURTIME"}) {
      EXPECT_THAT(upper, Not(HasSubstr(word))) << sql->name();
    }
  }
}

TEST_F(Statements, TheDueTasksAreLockedInTheOrderOfTheClaimIndexWithoutASort) {
  const std::vector<store::Value> level{"default", std::int64_t{4}};
  const std::vector<std::pair<const char*, std::vector<store::Value>>> statements{
      {"lock-due", {std::int64_t{100}, std::int64_t{7}, std::int64_t{100}, std::int64_t{10}}},
      {"lock-new", {std::int64_t{5}, std::int64_t{10}}}};
  for (const auto& [name, more] : statements) {
    std::vector<store::Value> parameters = level;
    parameters.insert(parameters.end(), more.begin(), more.end());
    const Step step = stepOf(name, parameters, "t");
    EXPECT_EQ(step.access, "range") << name;
    EXPECT_EQ(step.key, "Claim") << name;
    EXPECT_THAT(step.extra, Not(HasSubstr("filesort"))) << name;
    EXPECT_THAT(step.extra, Not(HasSubstr("temporary"))) << name;
  }
}

TEST_F(Statements, ASearchForDueTasksOfSomeClassesReadsTheClaimIndexInItsOrder) {
  const std::vector<store::Value> classes{"Echo", "Import"};
  const std::int64_t place = 100;
  const std::vector<std::pair<store::ClaimLine, std::vector<store::Value>>> lines{
      {store::ClaimLine::New, {"default", std::int64_t{4}, place}},
      {store::ClaimLine::Timed, {"default", std::int64_t{4}, place, place, place}}};
  for (const auto& [line, ofLine] : lines) {
    std::vector<store::Value> parameters = classes;
    parameters.insert(parameters.end(), ofLine.begin(), ofLine.end());
    parameters.emplace_back(std::int64_t{10});
    parameters.insert(parameters.end(), ofLine.begin(), ofLine.end());
    int steps = 0;
    for (const Step& step : planOfText(store::DueSearch::textFor(line, classes.size()), parameters)) {
      if (step.table != "t") continue;
      ++steps;
      EXPECT_EQ(step.key, "Claim");
      EXPECT_EQ(step.access, "range");
      EXPECT_THAT(step.extra, Not(HasSubstr("filesort")));
      EXPECT_THAT(step.extra, Not(HasSubstr("temporary")));
    }
    EXPECT_EQ(steps, 2);
  }
  EXPECT_EQ(stepOf("lock-found", {R"([{"n":0,"q":1}])", "default", std::int64_t{4}}, "t").key, "Claim");
}

TEST_F(Statements, NamedTasksAndTheNewestAreFoundByTheirId) {
  const std::vector<store::Value> parameters{"[5]", R"(["default"])", R"(["Echo"])", std::int64_t{1}};
  for (const char* table : {"t", "u", "n"}) {
    const Step step = stepOf("lock-named", parameters, table);
    EXPECT_EQ(step.key, "PRIMARY") << table;
    EXPECT_THAT(step.extra, Not(HasSubstr("filesort"))) << table;
  }
  EXPECT_EQ(stepOf("lock-named", parameters, "l").key, "TaskHandlerClass");
  EXPECT_THAT(planOf("newest-task", {}).at(0).extra, HasSubstr("optimized away"));
}

TEST_F(Statements, TheTaskThatIsDueLongestIsFoundInTheOrderOfAnIndexWithoutASort) {
  const std::string queue = "default";
  const std::int64_t priority = 4;
  const std::int64_t max = 2000;
  const std::vector<std::tuple<const char*, const char*, std::vector<store::Value>>> statements{
      {"oldest-due", "NextRunOn", {}},
      {"new-tasks", "NextRunOn", {std::int64_t{5}, max}},
      {"oldest-of-band", "Claim", {queue, priority}},
      {"new-of-band", "Claim", {queue, priority, std::int64_t{5}, max}},
      {"waiting-of-band", "Claim", {queue, priority, max}}};
  for (const auto& [name, key, parameters] : statements) {
    const Step step = stepOf(name, parameters, "t");
    EXPECT_EQ(step.access, "range") << name;
    EXPECT_EQ(step.key, key) << name;
    EXPECT_THAT(step.extra, Not(HasSubstr("filesort"))) << name;
    EXPECT_THAT(step.extra, Not(HasSubstr("temporary"))) << name;
  }
  EXPECT_THAT(stepOf("waiting-of-band", {queue, priority, max}, "t").extra, HasSubstr("Using index"));
}

TEST_F(Statements, HealthIsReadByAFewSeeks) {
  const std::vector<std::pair<const char*, std::vector<store::Value>>> seeks{
      {"next-queue", {""}},
      {"next-band", {"default", std::int64_t{4}}},
      {"next-class", {""}},
      {"next-reason", {"Echo", ""}}};
  for (const auto& [name, parameters] : seeks) {
    const auto plan = planOf(name, parameters);
    ASSERT_EQ(plan.size(), 1U) << name;
    EXPECT_THAT(plan[0].extra,
                AnyOf(HasSubstr("Select tables optimized away"), HasSubstr("No matching min/max row")))
        << name;
  }
  const Step counted = stepOf("parked-tasks", {"Echo", "reason", std::int64_t{1001}}, "inp_TaskQueue");
  EXPECT_EQ(counted.key, "TaskHandlerClass");
  EXPECT_THAT(counted.extra, HasSubstr("Using index"));
  for (const Step& step : planOf("last-signs", {}))
    EXPECT_THAT(step.extra, AnyOf(HasSubstr("Select tables optimized away"), HasSubstr("No tables used")));
  EXPECT_EQ(stepOf("lost-runners", {std::int64_t{5}, std::int64_t{10}}, "inp_TaskRunners").key, "FinishedOn");
  EXPECT_EQ(stepOf("handler-outcomes", {std::int64_t{5}}, "inp_TaskQueueMinutes").key, "MinuteOn");
  const Step usual =
      stepOf("outcome-of-handler", {"Echo", std::int64_t{5}, std::int64_t{9}}, "inp_TaskQueueMinutes");
  EXPECT_EQ(usual.key, "HandlerMinute");
  EXPECT_THAT(usual.extra, HasSubstr("Using index"));
}

TEST_F(Statements, ThePagesOfTheListAreReadInTheOrderOfAnIndexWithoutASort) {
  int looked = 0;
  for (const Sql* sql : Sql::all()) {
    const std::string name = sql->name();
    const std::string& text = sql->text();
    const auto has = [&](const char* part) { return text.find(part) != std::string::npos; };
    const auto count = static_cast<std::size_t>(std::count(text.begin(), text.end(), '?'));
    // Plans without further conditions represent the others. A handler's parked tasks are sorted, because the
    // index orders them by reason.
    const bool isPage = name == "grid-border" || name == "grid-rows";
    if (!isPage || has(" LIKE ") || has("ErrorCode") || has("ParkedReason > ''")) continue;
    std::vector<store::Value> parameters(count, std::int64_t{1000});
    if (has("WHERE t.LastStatus = ?") || has("WHERE t.TaskHandlerClass = ?")) parameters.front() = "success";
    if (has("WHERE t.QueuedOn BETWEEN")) parameters.front() = std::int64_t{0};
    for (Row& row : connection_.queryText("EXPLAIN " + connection_.names().expand(text), parameters)) {
      for (int i = 0; i < 9; ++i) row.optionalText();
      const std::string extra = row.text();
      EXPECT_THAT(extra, Not(HasSubstr("filesort"))) << text;
      EXPECT_THAT(extra, Not(HasSubstr("temporary"))) << text;
    }
    ++looked;
  }
  EXPECT_GE(looked, 40);
}

TEST_F(Statements, AClaimLocksLittleMoreThanItTakes) {
  constexpr std::int64_t kTaken = 10;
  const store::Transaction transaction(connection_);
  const auto rows = connection_.queryText(textOf("lock-due"), {"default", std::int64_t{4}, std::int64_t{0},
                                                               std::int64_t{0}, std::int64_t{0}, kTaken});
  ASSERT_EQ(rows.size(), static_cast<std::size_t>(kTaken));
  const auto locked = connection_.queryText(
      "SELECT trx_rows_locked FROM information_schema.INNODB_TRX WHERE trx_mysql_thread_id = "
      "CONNECTION_ID()");
  ASSERT_EQ(locked.size(), 1U);
  EXPECT_LE(Row(locked.front()).integer(), 4 * kTaken);
}

TEST_F(Statements, RowsOfABatchAreFoundByTheirPrimaryKey) {
  const std::vector<std::pair<const char*, const char*>> hot{
      {"finish-runs", "r"},  {"finish-tasks", "t"}, {"finish-plain-runs", "r"}, {"owned-runs", "r"},
      {"release-runs", "r"}, {"release-runs", "t"}, {"write-progress", "r"},    {"defer", "t"},
      {"retire", "t"},       {"unpark-these", "t"}, {"write-output", "r"},      {"drop-output", "r"}};
  for (const auto& [name, table] : hot) {
    const Step step = stepOf(name, {kRows}, table);
    EXPECT_EQ(step.access, "eq_ref") << name;
    EXPECT_EQ(step.key, "PRIMARY") << name;
    EXPECT_THAT(step.extra, Not(HasSubstr("filesort"))) << name;
  }
}

TEST_F(Statements, RowsOfAListAreFoundByTheirPrimaryKey) {
  for (const int rows : {1, 40, 1200}) {
    std::vector<std::int64_t> ids;
    std::vector<std::string> tokens;
    for (int i = 1; i <= rows; ++i) {
      ids.push_back(i);
      tokens.push_back(std::to_string(i));
    }
    const store::Value list = store::Value::anyOf(ids);
    const std::int64_t figure = 1;
    const std::vector<std::tuple<const char*, const char*, std::vector<store::Value>>> hot{
        {"finish-equal-runs", "r", {figure, figure, figure, figure, list, store::Value::anyOf(tokens)}},
        {"finish-plain-tasks", "t", {list}},
        {"mark-running", "t", {list}}};
    for (const auto& [name, table, parameters] : hot) {
      const auto plan = planOf(name, parameters);
      ASSERT_EQ(plan.size(), 1U) << name;
      EXPECT_EQ(plan[0].key, "PRIMARY") << name;
      EXPECT_EQ(plan[0].access, "range") << name;
      EXPECT_EQ(plan[0].extra, "Using where") << name << ": rows are changed as they are found";
    }
  }
}

TEST_F(Statements, ALargeEndIsWrittenByThePrimaryKey) {
  std::vector<store::Value> parameters(18, std::int64_t{1});
  parameters.insert(parameters.end(), {std::int64_t{10}, "10"});
  EXPECT_EQ(stepOf("finish-large-run", parameters, "r").key, "PRIMARY");
}

TEST_F(Statements, OutputIsDroppedByItsOwnIndex) {
  for (const char* name : {"drop-output", "drop-all-output"}) {
    EXPECT_EQ(stepOf(name, {kRows}, "o").key, "TaskRunId") << name;
  }
}

TEST_F(Statements, RunsOfARunnerAreFoundByTheirOwner) {
  for (const char* name : {"runs-in-hand", "runs-to-rescue"}) {
    const Step step = stepOf(name, {std::int64_t{1}}, "r");
    EXPECT_EQ(step.key, "TaskRunnerId") << name;
  }
}

TEST_F(Statements, TheOpenRunIsFoundByTheKeyThatForbidsASecondOne) {
  EXPECT_EQ(stepOf("find-open-run", {std::int64_t{3995}}, "inp_TaskRuns").key, "OpenTaskQueueId");
  EXPECT_EQ(stepOf("retire", {kRows}, "r").key, "OpenTaskQueueId");
  EXPECT_EQ(stepOf("find-missing-runs", {std::int64_t{10}}, "r").key, "OpenTaskQueueId");
}

TEST_F(Statements, RunnersThatLeftRunsAreFoundAmongTheOpenRunsOnly) {
  const Step step = stepOf("ended-runners-with-runs", {std::int64_t{10}}, "r");
  EXPECT_EQ(step.access, "range");
  EXPECT_EQ(step.key, "OpenTaskQueueId");
}

TEST_F(Statements, HoldersOfKeysAreFoundByTheirIndex) {
  EXPECT_EQ(stepOf("find-holders", {R"(["a","b"])"}, "t").key, "ActiveKey");
  connection_.executeText(
      connection_.names().expand("UPDATE {TaskQueue} SET ActiveKey = 'a', UniqueKey = 'a' WHERE Id = 3990"),
      {});
  EXPECT_EQ(stepOf("supersede", {"a"}, "t").key, "ActiveKey");
  EXPECT_EQ(stepOf("supersede", {"a"}, "r").key, "OpenTaskQueueId");
}

TEST_F(Statements, TasksMissingARunAreReadInOrderWithoutASort) {
  const Step step = stepOf("find-missing-runs", {std::int64_t{10}}, "t");
  EXPECT_EQ(step.key, "NextRunOn");
  EXPECT_THAT(step.extra, Not(HasSubstr("filesort")));
}

TEST_F(Statements, TasksParkedAtALimitAreFoundInTheirOrderWithoutASort) {
  for (const auto& [name, parameters] :
       {std::pair<const char*, std::vector<store::Value>>{"any-parked-at-limit", {"Echo", "reason"}},
        {"lock-parked-at-limit", {"Echo", "reason", std::int64_t{5}}}}) {
    const Step step = stepOf(name, parameters, "inp_TaskQueue");
    EXPECT_EQ(step.key, "TaskHandlerClass") << name;
    EXPECT_THAT(step.extra, Not(HasSubstr("filesort"))) << name;
  }
}

TEST_F(Statements, TheRunsOfALimitedHandlerAreCountedAmongTheOpenOnesOnly) {
  EXPECT_EQ(stepOf("running-of-handler", {"Echo"}, "r").key, "OpenTaskQueueId");
  EXPECT_EQ(stepOf("running-of-handler", {"Echo"}, "t").access, "eq_ref");
  EXPECT_EQ(stepOf("running-by-key", {"Echo"}, "r").key, "OpenTaskQueueId");
  EXPECT_EQ(stepOf("running-of-key", {"Echo", "k"}, "r").key, "OpenTaskQueueId");
  EXPECT_EQ(stepOf("running-of-key", {"Echo", "k"}, "t").access, "eq_ref");
}

TEST_F(Statements, TasksOutOfLineAreFoundAmongOpenRunsAndRunningTasks) {
  const auto plan = planOf("inconsistent-tasks", {std::int64_t{10}});
  ASSERT_GE(plan.size(), 6U);
  EXPECT_EQ(plan[0].key, "OpenTaskQueueId");
  EXPECT_EQ(plan[2].key, "LastStatus");
  EXPECT_EQ(plan[3].key, "OpenTaskQueueId");
  const auto parked = std::find_if(plan.begin(), plan.end(), [](const Step& step) {
    return step.table == "t" && step.key == "TaskHandlerClass";
  });
  ASSERT_NE(parked, plan.end());
  EXPECT_THAT(parked->extra, HasSubstr("Using index"));
}

TEST_F(Statements, WhatAClaimAsksOfManyClassesIsFoundByName) {
  const std::string names = R"([{"k":"queue","n":"default"},{"k":"handler","n":"Echo"}])";
  EXPECT_EQ(stepOf("pauses-and-limits-of", {names, names}, "p").key, "KindName");
  EXPECT_EQ(stepOf("pauses-and-limits-of", {names, names}, "l").key, "TaskHandlerClass");
  EXPECT_EQ(stepOf("offered-by-others", {R"(["Echo"])", std::int64_t{1}}, "h").key, "TaskHandlerClass");
}

TEST_F(Statements, PrioritiesThatThereAreNotAreFoundByTheClaimIndex) {
  const std::int64_t max = 1000, first = 0, last = 9;
  for (const Step& step : planOf("find-priorities-outside", {"default", first, max, "default", last, max}))
    EXPECT_THAT(step.key, AnyOf("Claim", "")) << step.table;
  EXPECT_EQ(stepOf("lock-priorities-outside", {"[1,2]", first, last}, "t").key, "PRIMARY");
}

TEST_F(Statements, KeysThatWereFreedCostNothingWhereNoneIsLimited) {
  connection_.executeText(connection_.names().expand("DELETE FROM {TaskQueueLimits}"), {});
  const auto plan = planOf("freed-keys", {"[1,2]"});
  EXPECT_TRUE(std::all_of(plan.begin(), plan.end(), [](const Step& step) {
    return step.table == "l" || step.table == "v" || step.access == "eq_ref" || step.access.empty();
  }));
}

TEST_F(Statements, ParkedTasksAreFoundByTheirClass) {
  const Step step = stepOf("lock-parked-of-handler", {"Echo", std::int64_t{1000}}, "inp_TaskQueue");
  EXPECT_EQ(step.access, "range");
  EXPECT_EQ(step.key, "TaskHandlerClass");
  EXPECT_EQ(stepOf("unpark-tasks", {"[1,2]"}, "t").key, "PRIMARY");
}

TEST_F(Statements, DueSchedulesAreReadInOrderWithoutASort) {
  const Step step =
      stepOf("find-due-schedules", {std::int64_t{1'700'000'010}, std::int64_t{100}}, "inp_TaskSchedules");
  EXPECT_EQ(step.access, "range");
  EXPECT_EQ(step.key, "NextFireOn");
  EXPECT_THAT(step.extra, Not(HasSubstr("filesort")));
  EXPECT_EQ(
      stepOf("lock-due-schedule", {std::int64_t{5}, std::int64_t{1'700'000'005}}, "inp_TaskSchedules").key,
      "PRIMARY");
  EXPECT_EQ(stepOf("find-schedules", {std::int64_t{100}}, "inp_TaskSchedules").key, "Name");
}

TEST_F(Statements, WhatIsPrunedIsFoundByItsDateWithoutASort) {
  const std::int64_t before = 1'700'000'000;
  const std::int64_t max = 100;
  const Step tasks =
      stepOf("old-tasks",
             {before, before, before, std::int64_t{0}, std::int64_t{0}, std::int64_t{0}, before, max}, "t");
  EXPECT_EQ(tasks.key, "QueuedOn");
  EXPECT_EQ(tasks.access, "range");
  EXPECT_THAT(tasks.extra, Not(HasSubstr("filesort")));
  for (const auto& [name, table, key] : {std::tuple("prune-requests", "inp_TaskQueueRequests", "CreatedOn"),
                                         std::tuple("prune-firings", "inp_TaskScheduleFirings", "FiredOn"),
                                         std::tuple("prune-changes", "inp_TaskQueueAudit", "ChangedOn"),
                                         std::tuple("prune-runners", "inp_TaskRunners", "FinishedOn"),
                                         std::tuple("old-checkpoints", "c", "UpdatedOn")}) {
    const Step step = stepOf(name, {before, max}, table);
    EXPECT_EQ(step.key, key) << name;
    EXPECT_THAT(step.extra, Not(HasSubstr("filesort"))) << name;
  }
  connection_.queryText("UPDATE inp_TaskRuns SET FinishedOn = 1600000000 WHERE Id <= 900");
  EXPECT_EQ(stepOf("old-run-files", {before, before, max}, "f").key, "TaskRunId");
  EXPECT_EQ(stepOf("old-run-files", {before, before, max}, "r").access, "eq_ref");
}

TEST_F(Statements, WhatIsPrunedOfATaskIsFoundByItsKeys) {
  for (const auto& [name, table, key] :
       {std::tuple("lock-ended", "t", "PRIMARY"), std::tuple("prune-runs", "r", "PRIMARY"),
        std::tuple("prune-tasks", "t", "PRIMARY"), std::tuple("prune-files-of-runs", "f", "TaskRunId"),
        std::tuple("prune-checkpoints-of-tasks", "c", "TaskQueueId"),
        std::tuple("prune-run-files", "f", "PRIMARY"), std::tuple("prune-checkpoints", "c", "PRIMARY")}) {
    EXPECT_EQ(stepOf(name, {"[10,11]"}, table).key, key) << name;
  }
  EXPECT_EQ(stepOf("runs-of-ended", {"[10,11]", std::int64_t{500}}, "r").key, "TaskQueueId");
}

TEST_F(Statements, TheFiringsOfAScheduleAreReadByTheirKey) {
  const Step step = stepOf("firings", {std::int64_t{5}, std::int64_t{50}}, "inp_TaskScheduleFirings");
  EXPECT_EQ(step.key, "ScheduleFireOn");
}

}  // namespace
}  // namespace taskqueue::contract
