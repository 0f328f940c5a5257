// The PHP client on the real tables, with the real php.
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/support/database_environment.h"

namespace taskqueue::contract {
namespace {

constexpr const char* kPhpClientDatabase = "php_client";

// Runs a PHP test on a new schema.
int runOnNewSchema(const std::string& name) {
  test_support::sharedServer().createDatabase(kPhpClientDatabase);
  test_support::migrate(kPhpClientDatabase);
  const std::string command = "DB_SOCKET=" + test_support::sharedServer().socket() +
                              " DB_USER=root DB_PASSWORD= DB_NAME=" + kPhpClientDatabase +
                              " TABLE_PREFIX=inp_ php " TASKQUEUE_SOURCE_DIRECTORY "/tests/support/php/" + name;
  return std::system(command.c_str());
}

TEST(PhpClient, EnqueuesForHandlersThatNoRunnerOffersAndWaitsForNone) {
  EXPECT_EQ(runOnNewSchema("away_handlers_test.php"), 0);
}

TEST(PhpClient, AddsManyAndChangesTasksInTheTransactionOfTheSite) {
  EXPECT_EQ(runOnNewSchema("client_rules_test.php"), 0);
}

TEST(PhpClient, WakesTheRunnersOnceItKnowsOfTheCommit) {
  EXPECT_EQ(runOnNewSchema("wake_test.php"), 0);
}

}  // namespace
}  // namespace taskqueue::contract
