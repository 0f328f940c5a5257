// The PHP client on the real tables, with the real php.
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/support/database_environment.h"

namespace taskqueue::contract {
namespace {

constexpr const char* kPhpClientDatabase = "php_client";

TEST(PhpClient, EnqueuesForHandlersThatNoRunnerOffersAndWaitsForNone) {
  test_support::sharedServer().createDatabase(kPhpClientDatabase);
  test_support::migrate(kPhpClientDatabase);
  const std::string command = "DB_SOCKET=" + test_support::sharedServer().socket() +
                              " DB_USER=root DB_PASSWORD= DB_NAME=" + kPhpClientDatabase +
                              " TABLE_PREFIX=inp_ php " TASKQUEUE_SOURCE_DIRECTORY
                              "/tests/support/php/away_handlers_test.php";
  EXPECT_EQ(std::system(command.c_str()), 0);
}

}  // namespace
}  // namespace taskqueue::contract
