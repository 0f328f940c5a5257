#include "tests/handlers/handler_run.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iostream>
#include <sstream>

#include "module/store/migration.h"
#include "tests/support/database_environment.h"

namespace taskqueue::handlers::tests {

HandlerRun::HandlerRun(store::Connection& connection, std::string taskData, int taskId)
    : taskId_(taskId), taskData_(std::move(taskData)) {
  static int made = 0;
  token_ = "token" + std::to_string(++made);
  const auto lastId = [&] { return connection.queryText("SELECT LAST_INSERT_ID()").at(0).number(); };
  if (taskId_ == 0) {
    connection.executeText("INSERT INTO inp_TaskQueue (TaskHandlerClass) VALUES ('Test')", {});
    taskId_ = lastId();
  }
  connection.executeText(
      "INSERT INTO inp_TaskRuns (TaskQueueId, Attempt, Status, RunToken) VALUES (?, 1, 'running', ?)",
      {std::int64_t{taskId_}, token_});
  id_ = lastId();
}

void HandlerRun::setProgress(int percents, std::string_view /*note*/) {
  percents_ = std::max(percents_, percents);
  if (onProgress) onProgress();
}

std::string HandlerRun::outcomeOf(ITaskHandler& handler) {
  std::ostringstream captured;
  auto* const before = std::cout.rdbuf(captured.rdbuf());
  std::string outcome = "success";
  try {
    handler.handleTaskRun(*this);
  } catch (const Snooze&) {
    outcome = "snooze";
  } catch (const TaskError& error) {
    outcome = error.code();
    errorMessage_ = error.what();
    isForGood_ = dynamic_cast<const GiveUp*>(&error) != nullptr;
  }
  std::cout.rdbuf(before);
  output_ = captured.str();
  return outcome;
}

json::Document HandlerRun::results() const {
  auto parsed = json::read(results_, {.bytes = 1 << 24, .depth = 10, .members = 1 << 20});
  return std::move(std::get<json::Document>(parsed));
}

void makeCmsDatabase(const std::string& name) {
  test_support::sharedServer().createDatabase(name);
  test_support::migrate(name);
  store::Connection connection(test_support::settingsFor(name), test_support::cmsNames());
  std::ifstream file(TASKQUEUE_CHECKOUT "/tests/support/cms_fixture.sql");
  std::ostringstream text;
  text << file.rdbuf();
  for (const std::string& statement : store::splitStatements(text.str(), connection.names())) {
    connection.queryText(statement);
  }
}

}  // namespace taskqueue::handlers::tests
