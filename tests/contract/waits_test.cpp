// Waits are given in seconds and measured by a clock with whole seconds; none is shorter than requested.
#include <gtest/gtest.h>

#include "module/platform/random.h"
#include "module/store/maria_store.h"
#include "tests/support/database_environment.h"

namespace taskqueue::contract {
namespace {

constexpr const char* kWaitsDatabase = "waits";
constexpr std::int64_t kSecond = 1800000000;

class Waits : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    test_support::sharedServer().createDatabase(kWaitsDatabase);
    test_support::migrate(kWaitsDatabase);
  }

  void SetUp() override {
    test_support::emptyTables(store_.connection());
    show("0");
    runner_ = store_.runners.registerRunner({.queues = {"default"}, .slots = 1},
                                            std::vector<HandlerDeclaration>{{.taskHandlerClass = "Noop"}});
    store_.connection().queryText(
        "INSERT INTO inp_TaskQueue (TaskHandlerClass, TaskData, QueuedOn, ScheduledOn, NextRunOn, "
        "MaxRetries) "
        "VALUES ('Noop', '{}', UNIX_TIMESTAMP(), UNIX_TIMESTAMP(), UNIX_TIMESTAMP(), 9)");
  }

  // Sets the fraction of the second that the session's clock shows.
  void show(const std::string& fraction) {
    store_.connection().queryText("SET timestamp = " + std::to_string(kSecond) + "." + fraction);
  }
  SyncRequest sync() const {
    SyncRequest request;
    request.taskRunnerId = runner_;
    request.queues = {"default"};
    request.handlers = {"Noop"};
    return request;
  }
  RunOwnership claimOne() {
    SyncRequest request = sync();
    request.claimLimit = 1;
    return store_.runners.sync(request).claimed.at(0).owned;
  }
  std::int64_t waitsFrom() {
    auto rows = store_.connection().queryText("SELECT NextRunOn FROM inp_TaskQueue");
    return rows.at(0).number() - kSecond;
  }

  store::MariaStore store_{test_support::settingsFor(kWaitsDatabase), test_support::cmsNames(),
                           [] { return platform::randomHex(16); }, [] { return 0.5; }};
  int runner_ = 0;
};

TEST_F(Waits, ASnoozeIsNeverShorterThanAsked) {
  SyncRequest request = sync();
  request.releases = {{.owned = claimOne(), .delaySeconds = 5}};
  show("9");
  store_.runners.sync(request);
  EXPECT_EQ(waitsFrom(), 6);
}

TEST_F(Waits, AtAFullSecondNothingIsAdded) {
  SyncRequest request = sync();
  request.releases = {{.owned = claimOne(), .delaySeconds = 5}};
  store_.runners.sync(request);
  EXPECT_EQ(waitsFrom(), 5);
}

TEST_F(Waits, WhatIsReleasedWithoutAWaitIsDueAtOnce) {
  SyncRequest request = sync();
  request.releases = {{.owned = claimOne()}};
  show("9");
  store_.runners.sync(request);
  EXPECT_EQ(waitsFrom(), 0);
}

TEST_F(Waits, AFailedTaskIsTriedAgainNoSoonerThanAsked) {
  RunEnd end;
  end.owned = claimOne();
  end.status = RunStatus::Error;
  end.retryDelaySeconds = 5;
  SyncRequest request = sync();
  request.ends = {end};
  show("1");
  store_.runners.sync(request);
  EXPECT_EQ(waitsFrom(), 6);
}

}  // namespace
}  // namespace taskqueue::contract
