#include "tests/support/database_environment.h"

#include <gtest/gtest.h>

#include <memory>

#include "module/store/migration.h"

namespace taskqueue::test_support {
namespace {

std::unique_ptr<MariadbServer> environmentServer;

class ServerEnvironment : public ::testing::Environment {
 public:
  void TearDown() override { environmentServer.reset(); }
};

// Registered before main. Only programs that link this file have it, and only those that use it start a
// server.
const auto* const kEnvironment = ::testing::AddGlobalTestEnvironment(new ServerEnvironment);

}  // namespace

MariadbServer& sharedServer() {
  if (!environmentServer) environmentServer = std::make_unique<MariadbServer>();
  return *environmentServer;
}

store::ConnectionSettings settingsFor(const std::string& database) {
  return {.optionFile = sharedServer().optionFile(), .database = database};
}

store::TableNames cmsNames() {
  return {"inp_", ""};
}

void migrate(const std::string& database, const store::TableNames& names) {
  store::Connection connection(settingsFor(database), names);
  store::Migrator(connection).apply([](const store::Migration&) {});
}

void emptyTables(store::Connection& connection) {
  for (const char* table :
       {"{TaskQueue}",         "{TaskRuns}",         "{TaskRunners}",         "{TaskHandlers}",
        "{TaskRunOutput}",     "{TaskCheckpoints}",  "{TaskQueueRequests}",   "{TaskQueuePauses}",
        "{TaskQueueLimits}",   "{TaskSchedules}",    "{TaskScheduleFirings}", "{TaskQueueMarks}",
        "{TaskQueueCounters}", "{TaskQueueMinutes}", "{TaskQueueHours}",      "{TaskErrorGroups}",
        "{TaskErrorHours}",    "{TaskRates}",        "{TaskRunFiles}",        "{TaskQueueAudit}"}) {
    connection.queryText(connection.names().expand(std::string("DELETE FROM ") + table));
  }
  connection.queryText(
      connection.names().expand("DELETE FROM {Settings} WHERE VariableName = 'TaskRunnerLimit'"));
  connection.queryText(connection.names().expand(
      "INSERT INTO {Settings} (VariableName, VariableValue) VALUES ('TaskRunnerLimit', '2')"));
}

}  // namespace taskqueue::test_support
