// The permission cache after kills, cancels, and on tables that do not fit.
#include "tests/handlers/permission_tables.h"

namespace taskqueue::handlers::tests::permission_cache_tests {
namespace {

// ── exclusive, without leftovers ───────────────────────────────────────────────────────────────────────────

TEST_F(PermissionCache, TwoAtOnceAreKeptApart) {
  store({{{1, 0}}, {{0, 1, 5, true}}});
  configuration_.lockWait = 1s;
  Connection other(test_support::settingsFor(kDatabase), test_support::cmsNames());
  {
    const store::NamedLock lock(other, "inp_ permission cache", 0s);
    ASSERT_TRUE(lock.wasTaken());
    for (const char* data : {"{}", R"({"CategoryId":1})"}) {
      HandlerRun run(connection_, data);
      EXPECT_EQ(run.outcomeOf(*handler()), "snooze");
    }
    EXPECT_TRUE(cached().empty());
  }
  rebuild();
  EXPECT_EQ(cached().size(), 2U);
}

TEST_F(PermissionCache, WhatAKilledRunHasLeftIsRemoved) {
  store({{{1, 0}}, {{0, 1, 5, true}}});
  for (const char* data : {"{}", R"({"CategoryId":0})"}) {
    sql("CREATE TABLE inp_CategoryPermissionsCache_shadow (Id INT)");
    sql("CREATE TABLE inp_CategoryPermissionsCache_retired (Id INT)");
    rebuild(data);
    expectTidy();
    EXPECT_EQ(cached().size(), 2U);
  }
}

TEST_F(PermissionCache, ARunThatIsCancelledLeavesEverythingAsItWas) {
  store(randomRows(30, 40));
  rebuild();
  const CacheRows before = cached();
  set({0, 1, 13, true});
  for (const char* data : {"{}", R"({"CategoryId":0})"}) {
    HandlerRun run(connection_, data);
    run.onProgress = [&run] { run.cancel(); };
    EXPECT_EQ(run.outcomeOf(*handler()), "cancelled");
    EXPECT_EQ(cached(), before);
    expectTidy();
  }
}

TEST_F(PermissionCache, ARunThatLostItsTaskChangesNothing) {
  store({{{1, 0}}, {{0, 1, 5, true}}});
  for (const char* data : {"{}", R"({"CategoryId":0})"}) {
    HandlerRun run(connection_, data);
    run.onProgress = [&] {
      sql("UPDATE inp_TaskRuns SET Status='timeout' WHERE Id=" + std::to_string(run.id()));
    };
    EXPECT_EQ(run.outcomeOf(*handler()), "lease_lost");
    EXPECT_TRUE(cached().empty());
    expectTidy();
  }
}

TEST_F(PermissionCache, ARunWhoseSessionIsKilledChangesNothingAndTheNextOneTidiesUp) {
  store({{{1, 0}}, {{0, 1, 5, true}}});
  HandlerRun run(connection_, "{}");
  bool killed = false;
  run.onProgress = [&] {
    if (std::exchange(killed, true)) return;
    for (store::Row& row : connection_.queryText("SELECT ID FROM information_schema.PROCESSLIST WHERE DB='" +
                                                 std::string(kDatabase) + "' AND ID <> CONNECTION_ID()")) {
      sql("KILL " + row.text());
    }
  };
  EXPECT_EQ(run.outcomeOf(*handler()), "database");
  EXPECT_FALSE(run.isForGood());
  EXPECT_TRUE(cached().empty());
  rebuild();
  EXPECT_EQ(cached().size(), 2U);
  expectTidy();
}

// ── errors ─────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(PermissionCache, TablesThatDoNotFitAreNamedWithAllThatIsMissing) {
  configuration_.cachePermColumn = "Perm";
  configuration_.cacheGroupsColumn = "Groups";
  HandlerRun run(connection_, "{}");
  EXPECT_EQ(run.outcomeOf(*handler()), "database_schema");
  EXPECT_TRUE(run.isForGood());
  EXPECT_THAT(run.errorMessage(),
              HasSubstr("has no columns Perm, Groups; it has PermCacheId, CategoryId, PermId, ACL"));
  EXPECT_THAT(run.errorMessage(), HasSubstr("[permission_cache]"));

  configuration_ = {};
  configuration_.permissionsTable = "Permission";
  HandlerRun other(connection_, "{}");
  EXPECT_EQ(other.outcomeOf(*handler()), "database_schema");
  EXPECT_THAT(other.errorMessage(), HasSubstr("there is no table inp_Permission;"));
}

TEST_F(PermissionCache, ACategoryThatIsNotThereIsRefused) {
  store({{{1, 0}}, {}});
  HandlerRun run(connection_, R"({"CategoryId":2})");
  EXPECT_EQ(run.outcomeOf(*handler()), "category_missing");
  EXPECT_TRUE(run.isForGood());
}

TEST_F(PermissionCache, MoreGroupsThanTheColumnHoldsAreRefusedAndTheCacheStays) {
  sql("ALTER TABLE inp_CategoryPermissionsCache MODIFY ACL VARCHAR(4) NOT NULL DEFAULT ''");
  store({{}, {{0, 1, 11, true}}});
  rebuild();
  set({0, 1, 12, true});
  HandlerRun run(connection_, "{}");
  EXPECT_EQ(run.outcomeOf(*handler()), "acl_too_long");
  EXPECT_EQ(cached(), (CacheRows{{{0, 1}, "11"}}));
  expectTidy();
}

TEST_F(PermissionCache, ATableWithoutTransactionsIsMadeAnewAsAWholeOnly) {
  sql("ALTER TABLE inp_CategoryPermissionsCache ENGINE=MyISAM");
  store({{{1, 0}}, {{0, 1, 5, true}}});
  HandlerRun part(connection_, R"({"CategoryId":1})");
  EXPECT_EQ(part.outcomeOf(*handler()), "database_schema");
  EXPECT_THAT(part.errorMessage(), HasSubstr("ENGINE=InnoDB"));
  rebuild();
  EXPECT_EQ(cached().size(), 2U);
}

// Rows of such a table cannot be replaced atomically. Changes during the swap need a second swap.
TEST_F(PermissionCache, OfATableWithoutTransactionsNoRowIsDeletedInPlace) {
  sql("ALTER TABLE inp_CategoryPermissionsCache ENGINE=MyISAM");
  store({{{1, 0}, {2, 1}}, {{0, 1, 5, true}}});
  rebuild();
  Connection cms(test_support::settingsFor(kDatabase), test_support::cmsNames());
  HandlerRun run(connection_, "{}");
  std::thread commits;
  run.onProgress = [&] {
    if (commits.joinable()) return;
    cms.begin();
    cms.queryText("UPDATE inp_Permissions SET GroupId = 6");
    cms.queryText("SELECT COUNT(*) FROM inp_CategoryPermissionsCache");
    commits = std::thread([&cms] {
      Connection eye(test_support::settingsFor(kDatabase), test_support::cmsNames());
      test_support::eventually(
          [&] {
            return eye.queryText(
                          "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE STATE LIKE "
                          "'Waiting for table metadata lock%' AND INFO LIKE 'RENAME%'")
                       .at(0)
                       .integer() > 0;
          },
          10s);
      cms.commit();
    });
  };
  ASSERT_EQ(run.outcomeOf(*handler()), "success") << run.errorMessage();
  commits.join();
  EXPECT_EQ(cached(), (CacheRows{{{0, 1}, "6"}, {{1, 1}, "6"}, {{2, 1}, "6"}}));
  EXPECT_THAT(run.output(), HasSubstr("the cache is made once more"));
}

}  // namespace
}  // namespace taskqueue::handlers::tests::permission_cache_tests
