// Reads the plans of the statements, over tables with a backlog and a history.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

#include "module/store/maria_store.h"
#include "tests/support/database_environment.h"

namespace taskqueue::contract::statements_tests {

using store::Connection;
using store::Row;
using store::Sql;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

inline constexpr const char* kStatementsDatabase = "statements";

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

}  // namespace taskqueue::contract::statements_tests
