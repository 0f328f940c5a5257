// Bulk orders on the real tables: they reach every matching task.
#include <gtest/gtest.h>

#include "runner/handlers/bulk_control.h"
#include "tests/support/database_environment.h"
#include "tests/support/given_run.h"

namespace taskqueue::handlers {
namespace {

class BulkOrders : public ::testing::Test {
 protected:
  static constexpr const char* kDatabase = "bulk_orders";
  static constexpr int kOrderId = 1'000'000;

  static void SetUpTestSuite() {
    test_support::sharedServer().createDatabase(kDatabase);
    test_support::migrate(kDatabase);
  }
  BulkOrders() { test_support::emptyTables(connection_); }

  // Adds waiting tasks from this Id on; every third one is parked.
  void addWaiting(int from, int count, const std::string& title) {
    connection_.queryText(
        "INSERT INTO inp_TaskQueue (Id, TaskHandlerClass, Title, QueuedOn, ScheduledOn, NextRunOn, "
        "ParkedReason) "
        "SELECT seq, 'Noop', '" +
        title + "', 1, 1, IF(seq % 3 = 0, NULL, 2000000000), IF(seq % 3 = 0, 'parked', '') FROM seq_" +
        std::to_string(from) + "_to_" + std::to_string(from + count - 1));
  }
  std::int64_t countOf(const std::string& condition) {
    return connection_.queryText("SELECT COUNT(*) FROM inp_TaskQueue WHERE " + condition).at(0).integer();
  }
  std::string resultsOfCancel(const std::string& data) {
    HandlerEntry cancel = makeBulkCancel(test_support::settingsFor(kDatabase), test_support::cmsNames(), "");
    test_support::GivenRun run(data, kOrderId, "token");
    EXPECT_EQ(test_support::endOf(*cancel.handler, run), "success");
    return run.results;
  }

  store::Connection connection_{test_support::settingsFor(kDatabase), test_support::cmsNames()};
};

TEST_F(BulkOrders, AnOrderReachesTheOneTaskBehindManyThatDoNotMatch) {
  addWaiting(1, 1, "needle");
  addWaiting(2, 12'000, "hay");
  EXPECT_EQ(resultsOfCancel(R"({"TaskHandlerClass":"Noop","q":"needle"})"),
            R"({"Matched":1,"Changed":1,"Skipped":0})");
  EXPECT_EQ(countOf("LastStatus = 'cancelled'"), 1);
  EXPECT_EQ(countOf("LastStatus = 'cancelled' AND Id = 1"), 1);
}

TEST_F(BulkOrders, AnOrderReachesAllThatMatchAlsoThoseThatAreParked) {
  addWaiting(1, 650, "old");
  addWaiting(1000, 10, "other");
  addWaiting(kOrderId + 1, 5, "old");  // enqueued after the order
  EXPECT_EQ(resultsOfCancel(R"({"TaskHandlerClass":"Noop","q":"old"})"),
            R"({"Matched":650,"Changed":650,"Skipped":0})");
  EXPECT_EQ(countOf("LastStatus = 'cancelled' AND Title = 'old'"), 650);
  EXPECT_EQ(countOf("LastStatus = 'cancelled'"), 650);
}

}  // namespace
}  // namespace taskqueue::handlers
