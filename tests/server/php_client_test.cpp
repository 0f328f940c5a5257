// The PHP client over a site's own connection with unusual settings.
#include <gtest/gtest.h>

#include "tests/support/database_environment.h"
#include "tests/support/shell.h"

namespace taskqueue::server_tests {
namespace {

TEST(PhpClient, EnqueuesOverASessionThatTheSiteHasTurned) {
  test_support::sharedServer().createDatabase("php_client");
  test_support::migrate("php_client");
  store::Connection connection(test_support::settingsFor("php_client"), test_support::cmsNames());
  connection.queryText("INSERT INTO inp_TaskRunners (ProcessId, Status) VALUES (1, 'running')");
  connection.queryText(
      "INSERT INTO inp_TaskHandlers (TaskRunnerId, TaskHandlerClass) SELECT Id, 'Noop' FROM inp_TaskRunners");
  const std::string checkout = TASKQUEUE_CHECKOUT;
  const auto answer = test_support::runShell("php " + checkout + "/tests/support/php/site_session_test.php " +
                                             checkout + "/module/php/autoload.php " +
                                             test_support::sharedServer().socket() + " php_client 2>&1");
  EXPECT_EQ(answer.output, "ok\n");
  connection.queryText("SET GLOBAL max_allowed_packet = 16777216, GLOBAL max_prepared_stmt_count = 16382");
}

}  // namespace
}  // namespace taskqueue::server_tests
