// Claims start where earlier ones stopped, and still find rows that appear before that place.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "module/platform/random.h"
#include "module/store/maria_store.h"
#include "tests/support/database_environment.h"
#include "tests/support/eventually.h"
#include "tests/support/locked_rows.h"

namespace taskqueue::contract {
namespace {

using namespace std::chrono_literals;
using test_support::eventually;

constexpr const char* kClaimPositionsDatabase = "positions";

class ClaimCursor : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    test_support::sharedServer().createDatabase(kClaimPositionsDatabase);
    test_support::migrate(kClaimPositionsDatabase);
  }

  void SetUp() override {
    test_support::emptyTables(store_.connection());
    runner_ = store_.runners.registerRunner({.queues = {"default"}, .slots = 1},
                                            std::vector<HandlerDeclaration>{{.taskHandlerClass = "Noop"}});
  }

  void insert(int tasks, const std::string& nextRunOn, int priority = 5) {
    store_.connection().queryText(
        "INSERT INTO inp_TaskQueue (TaskHandlerClass, TaskData, QueuedOn, ScheduledOn, NextRunOn, Priority) "
        "SELECT "
        "'Noop', '{}', UNIX_TIMESTAMP(), UNIX_TIMESTAMP(), " +
        nextRunOn + ", " + std::to_string(priority) + " FROM seq_1_to_" + std::to_string(tasks));
  }

  std::vector<ClaimedRun> runsClaimed(int limit) {
    SyncRequest request;
    request.taskRunnerId = runner_;
    request.claimLimit = limit;
    request.queues = {"default"};
    request.handlers = {"Noop"};
    return store_.runners.sync(request).claimed;
  }
  std::size_t claim(int limit) { return runsClaimed(limit).size(); }

  // Claims one by one until the claim cursor is in use.
  void settle() {
    insert(20, "UNIX_TIMESTAMP() - 100");
    for (int i = 0; i < 20; ++i) {
      ASSERT_EQ(claim(1), 1U);
      std::this_thread::sleep_for(2 * kSettling / 20);
    }
  }

  static constexpr auto kSettling = 100ms;
  store::MariaStore store_{test_support::settingsFor(kClaimPositionsDatabase), test_support::cmsNames(),
                           [] { return platform::randomHex(16); }, [] { return 0.5; }, kSettling};
  int runner_ = 0;
};

TEST_F(ClaimCursor, ATaskPutBeforeThePlaceIsFoundFromTheHead) {
  settle();
  insert(1, "UNIX_TIMESTAMP() - 1000");
  EXPECT_TRUE(eventually([&] { return claim(10) == 1; }, 5s));
}

TEST_F(ClaimCursor, ATaskDueBefore1970IsFoundFromTheHead) {
  settle();
  insert(1, "-1000");
  EXPECT_TRUE(eventually([&] { return claim(10) == 1; }, 5s));
}

TEST_F(ClaimCursor, ATaskThatIsDueNowIsFoundAtOnce) {
  settle();
  insert(1, "UNIX_TIMESTAMP()");
  EXPECT_EQ(claim(10), 1U);
}

TEST_F(ClaimCursor, ARowThatNobodyHasLookedAtIsFoundAtOnce) {
  settle();
  insert(3, "0");
  EXPECT_EQ(claim(2), 2U);
  insert(1, "0");
  EXPECT_EQ(claim(10), 2U);
}

TEST_F(ClaimCursor, APriorityThatIsNewIsFoundAtOnceAndFirst) {
  settle();
  insert(1, "UNIX_TIMESTAMP()", 7);
  insert(1, "UNIX_TIMESTAMP()", 1);
  insert(1, "UNIX_TIMESTAMP()", 5);
  const auto claimed = runsClaimed(10);
  ASSERT_EQ(claimed.size(), 3U);
  EXPECT_EQ(claimed[0].task.priority, 1);
  EXPECT_EQ(claimed[2].task.priority, 7);
}

TEST_F(ClaimCursor, PrioritiesThatThereAreNotBecomeTheNearestOnesAtTheFirstLookAndTheRecordSaysSo) {
  for (int priority = -100; priority < 100; ++priority) insert(1, "UNIX_TIMESTAMP() - 1", priority);
  EXPECT_EQ(claim(1000), 200U);
  auto rows = store_.connection().queryText(
      "SELECT COUNT(*), MIN(Priority), MAX(Priority), SUM(Priority = 0), SUM(Priority = 9) FROM "
      "inp_TaskQueue");
  for (const int expected : {200, 0, 9, 101, 91}) EXPECT_EQ(rows.at(0).integer(), expected);
  auto said = store_.connection().queryText(
      "SELECT COUNT(*), COUNT(DISTINCT TaskQueueId), MIN(Detail) FROM inp_TaskQueueAudit WHERE Action = "
      "'priority' AND "
      "ChangedBy = 'task-runner'");
  EXPECT_EQ(said.at(0).integer(), 190);
  EXPECT_EQ(said.at(0).integer(), 190);
  EXPECT_EQ(said.at(0).text(), "Priority was -1, which there is not: it is 0 now");
}

TEST_F(ClaimCursor, APriorityThatThereIsNotIsMetAlsoWhereTheTaskIsNotDueOrHasEnded) {
  insert(3, "UNIX_TIMESTAMP() + 1000", -7);
  insert(3, "NULL", 77);
  EXPECT_EQ(claim(10), 0U);
  auto rows = store_.connection().queryText("SELECT SUM(Priority = 0), SUM(Priority = 9) FROM inp_TaskQueue");
  EXPECT_EQ(rows.at(0).integer(), 3);
  EXPECT_EQ(rows.at(0).integer(), 3);
}

TEST_F(ClaimCursor, RowsThatSomebodyElseHasLockedKeepTheirPriorityAndNobodyWaits) {
  insert(1, "UNIX_TIMESTAMP() + 1000", -7);
  insert(1, "UNIX_TIMESTAMP() + 1000", -8);
  insert(1, "UNIX_TIMESTAMP()");
  store::Connection other(test_support::settingsFor(kClaimPositionsDatabase), test_support::cmsNames());
  const store::Transaction transaction(other);
  const std::int64_t locked =
      other.queryText("SELECT Id FROM inp_TaskQueue WHERE Priority = -7").at(0).integer();
  other.queryText("SELECT Id FROM inp_TaskQueue WHERE Id = ? FOR UPDATE", {locked});
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(claim(10), 1U);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 1s);
  auto rows = other.queryText("SELECT SUM(Priority = 0), SUM(Priority = -7) FROM inp_TaskQueue");
  EXPECT_EQ(rows.at(0).integer(), 1);
  EXPECT_EQ(rows.at(0).integer(), 1);
}

TEST_F(ClaimCursor, APriorityInWhichNothingWaitsIsPruned) {
  for (int priority = 0; priority < 10; ++priority) insert(1, "UNIX_TIMESTAMP() + 100", priority);
  store::ClaimCursor cursor(0ms, /*kept=*/0ms);
  const std::vector<std::string> queues{"default"};
  cursor.scan(store_.connection(), queues, 10);
  EXPECT_EQ(cursor.countKnown("default"), 10U);
  store_.connection().queryText("DELETE FROM inp_TaskQueue WHERE Priority <> 5");
  cursor.scan(store_.connection(), queues, 10);
  EXPECT_EQ(cursor.countKnown("default"), 1U);
}

// Tasks that can never run stand before one that can, and a runner has one slot.
TEST_F(ClaimCursor, AClaimLooksAtMoreRowsWhereMostCannotRun) {
  insert(1000, "UNIX_TIMESTAMP()");
  store_.connection().queryText("UPDATE inp_TaskQueue SET TaskHandlerClass = CONCAT('Stranger', Id)");
  insert(1, "UNIX_TIMESTAMP()");
  int claims = 1;
  for (; claim(1) == 0 && claims < 100; ++claims) {
  }
  EXPECT_LE(claims, 15);
}

// Another runner offers the handlers of 3,000 tasks that stand before one of ours.
TEST_F(ClaimCursor, TasksOfOtherRunnersAreSearchedForOursAndNotLocked) {
  for (const char* nextRunOn : {"0", "UNIX_TIMESTAMP() - 10"}) {
    insert(3000, nextRunOn);
    store_.connection().queryText("UPDATE inp_TaskQueue SET TaskHandlerClass = 'Elsewhere'");
    NewRunner other;
    other.identity.bootId = "elsewhere";
    other.queues = {"default"};
    store_.runners.registerRunner(other, std::vector<HandlerDeclaration>{{.taskHandlerClass = "Elsewhere"}});
    insert(1, nextRunOn);
    insert(1, nextRunOn);
    store::Connection eye(test_support::settingsFor(kClaimPositionsDatabase), test_support::cmsNames());
    std::size_t claimed = 0;
    EXPECT_LE(test_support::rowsLockedBy(eye, [&] { claimed = claim(1); }), 20) << nextRunOn;
    EXPECT_EQ(claimed, 1U) << nextRunOn;
    EXPECT_EQ(claim(1), 1U) << nextRunOn;
    test_support::emptyTables(store_.connection());
    SetUp();
  }
}

TEST_F(ClaimCursor, TasksThatAreUnparkedByAnAnnouncementComeBackABatchAtATime) {
  insert(2500, "NULL");
  store_.connection().queryText("UPDATE inp_TaskQueue SET ParkedReason = 'no runner knows the handler Noop'");
  const auto countParked = [&] {
    return store_.connection()
        .queryText("SELECT COUNT(*) FROM inp_TaskQueue WHERE ParkedReason <> ''")
        .at(0)
        .integer();
  };
  store_.runners.announceHandlers(runner_, std::vector<HandlerDeclaration>{{.taskHandlerClass = "Noop"}});
  EXPECT_EQ(countParked(), 1500);
  EXPECT_EQ(claim(1), 1U);
  EXPECT_EQ(countParked(), 500);
  EXPECT_EQ(claim(1), 1U);
  EXPECT_EQ(countParked(), 0);
}

TEST_F(ClaimCursor, AResumedHandlerHasNoParkedTasks) {
  insert(2500, "NULL");
  store_.connection().queryText("UPDATE inp_TaskQueue SET ParkedReason = 'paused'");
  store_.handlers.setPaused(PauseKind::Handler, "Noop", true, -1);
  store_.handlers.setPaused(PauseKind::Handler, "Noop", false, -1);
  EXPECT_EQ(claim(3000), 2500U);
}

TEST_F(ClaimCursor, WhatWasReleasedToItsPlaceIsFoundAtOnce) {
  insert(1, "UNIX_TIMESTAMP() - 200");
  const auto early = runsClaimed(1);
  ASSERT_EQ(early.size(), 1U);
  settle();
  SyncRequest request;
  request.taskRunnerId = runner_;
  request.releases = {{.owned = early.front().owned, .place = early.front().task.nextRunOn}};
  store_.runners.sync(request);
  EXPECT_EQ(claim(10), 1U);
}

// This counts everything in the claim's transaction: tasks, their entries in the claim index, runs, and the
// runner's own row.
TEST_F(ClaimCursor, AClaimLocksAtMostFourRowsForEachTask) {
  store::Connection eye(test_support::settingsFor(kClaimPositionsDatabase), test_support::cmsNames());
  for (const int tasks : {1, 50}) {
    insert(10 * tasks, "UNIX_TIMESTAMP()");
    std::size_t claimed = 0;
    const auto locked = test_support::rowsLockedBy(eye, [&] { claimed = claim(tasks); });
    EXPECT_EQ(claimed, static_cast<std::size_t>(tasks));
    EXPECT_GE(locked, tasks);
    EXPECT_LE(locked, 4 * tasks);
  }
}

TEST_F(ClaimCursor, ALookTellsHowManyRowsNobodyHasLookedAtUpToItsLimit) {
  insert(2, "0", 3);
  insert(20, "0", 7);
  insert(1, "UNIX_TIMESTAMP() - 100", 7);
  insert(1, "UNIX_TIMESTAMP() - 100", 9);
  insert(1, "UNIX_TIMESTAMP() + 100", 1);
  store::ClaimCursor cursor(0ms);
  const auto look = cursor.scan(store_.connection(), std::vector<std::string>{"default"}, 10);
  ASSERT_EQ(look.due.size(), 3U);
  EXPECT_EQ(look.due[0].newRows, 2);
  EXPECT_FALSE(look.due[0].anyTimed);
  EXPECT_EQ(look.due[1].newRows, 10);
  EXPECT_TRUE(look.due[1].anyTimed);
  EXPECT_EQ(look.due[2].newRows, 0);
  EXPECT_TRUE(look.due[2].anyTimed);
  EXPECT_EQ(look.secondsUntilDue, 0);
}

TEST_F(ClaimCursor, WhatNobodyHasLookedAtIsClaimedBeforeTheOthersOfItsPriority) {
  insert(2, "UNIX_TIMESTAMP() - 100");
  insert(2, "0");
  const auto claimed = runsClaimed(3);
  ASSERT_EQ(claimed.size(), 3U);
  EXPECT_EQ(claimed[0].task.nextRunOn, kUnscheduled);
  EXPECT_EQ(claimed[1].task.nextRunOn, kUnscheduled);
  EXPECT_NE(claimed[2].task.nextRunOn, kUnscheduled);
}

TEST_F(ClaimCursor, AClaimBeginsWhereTheEarlierOnesHaveComeTo) {
  insert(2, "UNIX_TIMESTAMP() - 100");
  store::ClaimCursor cursor(0ms);
  const std::vector<std::string> queues{"default"};
  const auto first = cursor.scan(store_.connection(), queues, 10);
  ASSERT_EQ(first.due.size(), 1U);
  EXPECT_TRUE(first.isFullScan);
  EXPECT_LT(first.due[0].after.first, 0);
  cursor.fullScanTook(1ms);
  Task task;
  task.id = 17;
  task.queue = "default";
  task.nextRunOn = store_.clock.now() - 100;
  cursor.claimedUpTo(task);
  const auto second = cursor.scan(store_.connection(), queues, 10);
  ASSERT_EQ(second.due.size(), 1U);
  EXPECT_FALSE(second.isFullScan);
  EXPECT_EQ(second.due[0].after, store::ClaimCursor::Place(*task.nextRunOn, 17));
}

}  // namespace
}  // namespace taskqueue::contract
