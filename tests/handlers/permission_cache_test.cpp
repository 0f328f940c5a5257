// CategoryPermissionCache on a real database: correct, complete at every moment, exclusive, and without
// leftovers.
#include "runner/handlers/permission_cache/category_permission_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <iostream>
#include <random>
#include <thread>

#include "module/store/database/named_lock.h"
#include "tests/handlers/handler_run.h"
#include "tests/handlers/permission_reference.h"
#include "tests/support/database_environment.h"
#include "tests/support/eventually.h"

namespace taskqueue::handlers::tests {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using store::Connection;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kDatabase = "permission_cache";
constexpr int kPerms = 3;

class PermissionCache : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { makeCmsDatabase(kDatabase); }

  PermissionCache() {
    for (const char* table : {"Categories", "UserGroups", "CategoryPermissionsConfig", "Permissions"}) {
      sql(std::string("DELETE FROM inp_") + table);
    }
    sql("DROP TABLE IF EXISTS inp_CategoryPermissionsCache, inp_CategoryPermissionsCache_shadow,"
        " inp_CategoryPermissionsCache_retired");
    sql("CREATE TABLE inp_CategoryPermissionsCache (PermCacheId INT NOT NULL AUTO_INCREMENT, CategoryId INT"
        " NOT NULL DEFAULT 0, PermId INT NOT NULL DEFAULT 0, ACL VARCHAR(255) NOT NULL DEFAULT '', PRIMARY "
        "KEY"
        " (PermCacheId), KEY CategoryId (CategoryId), KEY PermId (PermId)) ENGINE=InnoDB");
    sql("INSERT INTO inp_CategoryPermissionsConfig (PermissionConfigId, PermissionName) SELECT seq,"
        " CONCAT('PERM.', seq) FROM seq_1_to_3");
    sql("INSERT INTO inp_UserGroups (GroupId) SELECT seq FROM seq_1_to_20");
  }

  void sql(const std::string& text) { connection_.queryText(text); }
  std::int64_t number(const std::string& text) { return connection_.queryText(text).at(0).integer(); }

  void store(const PermissionRows& rows) {
    sql("DELETE FROM inp_Categories");
    sql("DELETE FROM inp_Permissions");
    for (const auto& category : rows.categories) {
      connection_.executeText(
          "INSERT INTO inp_Categories (CategoryId, ParentId, Name) VALUES (?, ?, ?)",
          {std::int64_t{category.id}, std::int64_t{category.parent}, std::to_string(category.id)});
    }
    for (const auto& setting : rows.settings) set(setting);
  }
  void set(const PermissionRows::Setting& setting) {
    connection_.executeText(
        "INSERT INTO inp_Permissions (Permission, GroupId, PermissionValue, Type, CatId) VALUES (?, ?, ?, 0, "
        "?)",
        {"PERM." + std::to_string(setting.perm), std::int64_t{setting.group},
         std::int64_t{setting.allowed ? 1 : 0}, std::int64_t{setting.category}});
  }

  PermissionRows randomRows(int categories, int settings) {
    const auto upTo = [&](int min, int max) {
      return std::uniform_int_distribution<int>(min, max)(chances_);
    };
    PermissionRows rows;
    for (int id = 1; id <= categories; ++id) rows.categories.push_back({id, upTo(0, id - 1)});
    rows.categories.push_back({900, 901});  // detached from Home
    for (int i = 0; i < settings; ++i) {
      rows.settings.push_back({upTo(0, categories), upTo(1, kPerms), upTo(1, 20), upTo(0, 2) > 0});
    }
    return rows;
  }

  CacheRows cached() {
    CacheRows rows;
    for (store::Row& row :
         connection_.queryText("SELECT CategoryId, PermId, ACL FROM inp_CategoryPermissionsCache")) {
      const int category = row.number();
      const int perm = row.number();
      EXPECT_TRUE(rows.emplace(std::pair(category, perm), row.text()).second) << category << " stands twice";
    }
    return rows;
  }
  std::vector<std::string> tables() {
    std::vector<std::string> names;
    for (store::Row& row : connection_.queryText("SHOW TABLES LIKE '%PermissionsCache%'"))
      names.push_back(row.text());
    return names;
  }
  void expectTidy() { EXPECT_THAT(tables(), ElementsAre("inp_CategoryPermissionsCache")); }

  std::unique_ptr<ITaskHandler> handler() {
    return makeCategoryPermissionCache(configuration_, test_support::settingsFor(kDatabase),
                                       test_support::cmsNames())
        .handler;
  }
  void rebuild(const std::string& data = "{}") {
    HandlerRun run(connection_, data);
    ASSERT_EQ(run.outcomeOf(*handler()), "success") << run.errorMessage();
  }

  Connection connection_{test_support::settingsFor(kDatabase), test_support::cmsNames()};
  platform::PermissionCacheConfiguration configuration_;
  std::mt19937 chances_{20261126};
};

// ── correct ────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(PermissionCache, TheWholeEqualsThePlainReferenceOnRandomTrees) {
  for (const int size : {0, 1, 5, 40, 120}) {
    const PermissionRows rows = randomRows(size, 2 * size);
    store(rows);
    rebuild();
    EXPECT_EQ(cached(), PermissionReference(rows, 0).all()) << size;
    expectTidy();
  }
}

TEST_F(PermissionCache, BelowOneCategoryOnlyThatIsMadeAnew) {
  for (int round = 0; round < 6; ++round) {
    PermissionRows rows = randomRows(60, 80);
    store(rows);
    rebuild();
    const CacheRows before = cached();
    const int top = std::uniform_int_distribution<int>(0, 12)(chances_);
    rows = randomRows(60, 80);
    store(rows);
    rebuild(R"({"CategoryId":)" + std::to_string(top) + "}");
    const PermissionReference reference(rows, 0);
    CacheRows expected;
    for (const auto& [key, acl] : reference.all()) {
      if (reference.isBelow(key.first, top)) expected[key] = acl;
    }
    // All other rows are unchanged.
    for (const auto& [key, acl] : before) {
      if (!reference.isBelow(key.first, top)) expected[key] = acl;
    }
    EXPECT_EQ(cached(), expected) << "below " << top;
  }
}

TEST_F(PermissionCache, GroupsAndPermissionsThatAreGoneAndSystemPermissionsDoNotCount) {
  store({{{1, 0}}, {{1, 1, 5, true}, {1, 1, 99, true}}});
  sql("INSERT INTO inp_Permissions (Permission, GroupId, PermissionValue, Type, CatId) VALUES"
      " ('PERM.1', 6, 1, 1, 1), ('GONE', 5, 1, 0, 1)");
  rebuild();
  EXPECT_EQ(cached(), (CacheRows{{{1, 1}, "5"}}));
}

TEST_F(PermissionCache, WhatChangesWhileTheShadowIsFilledIsMadeUpFor) {
  PermissionRows rows = randomRows(50, 60);
  store(rows);
  HandlerRun run(connection_, "{}");
  bool changed = false;
  run.onProgress = [&] {
    if (std::exchange(changed, true)) return;
    for (const PermissionRows::Setting& setting :
         {PermissionRows::Setting{0, 1, 20, true}, PermissionRows::Setting{7, 2, 19, true}}) {
      rows.settings.push_back(setting);
      set(setting);
    }
    sql("DELETE FROM inp_Categories WHERE CategoryId = 50");
    std::erase_if(rows.categories, [](const auto& category) { return category.id == 50; });
  };
  ASSERT_EQ(run.outcomeOf(*handler()), "success") << run.errorMessage();
  EXPECT_EQ(cached(), PermissionReference(rows, 0).all());
  EXPECT_EQ(run.results()["Passes"].GetInt(), 2);
  EXPECT_EQ(run.results()["Rows"].GetUint64(), cached().size());
}

// The transaction has changed permissions and cache, and commits while the swap already waits for it.
TEST_F(PermissionCache, WhatATransactionOfTheCmsChangesAtTheSwapIsNotLost) {
  store({{{1, 0}, {2, 1}}, {{0, 1, 5, true}}});
  rebuild();
  Connection cms(test_support::settingsFor(kDatabase), test_support::cmsNames());
  HandlerRun run(connection_, "{}");
  std::thread commits;
  run.onProgress = [&] {
    if (commits.joinable()) return;
    cms.begin();
    cms.queryText("UPDATE inp_Permissions SET GroupId = 6");
    cms.queryText("UPDATE inp_CategoryPermissionsCache SET ACL = '6'");
    commits = std::thread([&cms] {
      std::this_thread::sleep_for(400ms);
      cms.commit();
    });
  };
  ASSERT_EQ(run.outcomeOf(*handler()), "success") << run.errorMessage();
  commits.join();
  EXPECT_EQ(cached(), (CacheRows{{{0, 1}, "6"}, {{1, 1}, "6"}, {{2, 1}, "6"}}));
  EXPECT_EQ(run.results()["Passes"].GetInt(), 2);
}

// ── complete at every moment ───────────────────────────────────────────────────────────────────────────────

// Reads repeatedly until it is stopped. Every answer must have all rows, with one single group in all of
// them.
class Reader {
 public:
  explicit Reader(std::int64_t rows) : rows_(rows), thread_([this] { read(); }) {}
  ~Reader() { stop(); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  void stop() {
    stopped_ = true;
    if (thread_.joinable()) thread_.join();
  }
  int looks() const { return looks_; }
  int states() const { return states_; }

 private:
  void read() {
    Connection connection(test_support::settingsFor(kDatabase), test_support::cmsNames());
    std::string last;
    while (!stopped_) {
      auto row =
          connection
              .queryText("SELECT COUNT(*), COUNT(DISTINCT ACL), MIN(ACL) FROM inp_CategoryPermissionsCache")
              .at(0);
      EXPECT_EQ(row.integer(), rows_);
      EXPECT_EQ(row.integer(), 1);
      if (std::string acl = row.text(); acl != last) {
        ++states_;
        last = std::move(acl);
      }
      ++looks_;
    }
  }

  std::int64_t rows_;
  std::atomic<bool> stopped_{false};
  std::atomic<int> looks_{0};
  std::atomic<int> states_{0};
  std::thread thread_;
};

class WholeAtEveryMoment : public PermissionCache, public ::testing::WithParamInterface<const char*> {};

TEST_P(WholeAtEveryMoment, ReadersNeverSeeHalf) {
  constexpr int kCategories = 3000;
  sql("INSERT INTO inp_Categories (CategoryId, ParentId, Name) SELECT seq, seq DIV 3, seq FROM "
      "seq_1_to_3000");
  set({0, 1, 1, true});
  rebuild();
  Reader reader(kCategories + 1);
  for (int group = 2; group <= 7; ++group) {
    sql("UPDATE inp_Permissions SET GroupId = " + std::to_string(group));
    rebuild(GetParam());
  }
  reader.stop();
  EXPECT_GE(reader.looks(), 10);
  EXPECT_GE(reader.states(), 3);
}
INSTANTIATE_TEST_SUITE_P(WholeAndBelow, WholeAtEveryMoment, ::testing::Values("{}", R"({"CategoryId":0})"));

TEST_F(PermissionCache, AReaderThatDoesNotLetGoHoldsUpOnlyTheSwap) {
  store({{{1, 0}}, {{0, 1, 5, true}}});
  Connection reader(test_support::settingsFor(kDatabase), test_support::cmsNames());
  reader.begin();
  reader.queryText("SELECT COUNT(*) FROM inp_CategoryPermissionsCache");
  configuration_.swapTries = 1;
  HandlerRun run(connection_, "{}");
  EXPECT_EQ(run.outcomeOf(*handler()), "cache_in_use");
  EXPECT_FALSE(run.isForGood());
  reader.rollback();
  expectTidy();
  EXPECT_TRUE(cached().empty());

  reader.begin();
  reader.queryText("SELECT COUNT(*) FROM inp_CategoryPermissionsCache");
  configuration_.swapTries = 30;
  HandlerRun patient(connection_, "{}");
  std::thread end([&] {
    std::this_thread::sleep_for(300ms);
    reader.rollback();
  });
  EXPECT_EQ(patient.outcomeOf(*handler()), "success") << patient.errorMessage();
  end.join();
  EXPECT_EQ(cached().size(), 2U);
}

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

// A generated tree of this many categories. To measure, set TASKQUEUE_CATEGORIES=100000 and read the printed
// seconds.
TEST_F(PermissionCache, AMadeUpTreeIsTheSameHoweverItIsMade) {
  const char* given = std::getenv("TASKQUEUE_CATEGORIES");
  const std::string categories = given != nullptr ? given : "3000";
  sql("INSERT INTO inp_Categories (CategoryId, ParentId, Name) SELECT seq, seq DIV 7, seq FROM seq_1_to_" +
      categories);
  sql("INSERT INTO inp_Permissions (Permission, GroupId, PermissionValue, Type, CatId) SELECT "
      "CONCAT('PERM.', 1 + seq % 3), 1 + seq % 20, seq % 5 <> 0, 0, IF(seq <= 60, 0, 1 + (seq * 7919) % " +
      categories + ") FROM seq_1_to_" + categories);
  CacheRows whole;
  for (const char* data : {"{}", "{}", R"({"CategoryId":1})"}) {
    HandlerRun run(connection_, data);
    ASSERT_EQ(run.outcomeOf(*handler()), "success") << run.errorMessage();
    const auto results = run.results();
    std::cout << data << ": " << results["Categories"].GetInt() << " categories, " << results["Rows"].GetInt()
              << " rows, " << results["Seconds"].GetDouble() << " s\n";
    const CacheRows made = cached();
    EXPECT_GT(made.size(), static_cast<std::size_t>(std::stoi(categories)));
    if (whole.empty()) whole = made;
    EXPECT_EQ(made == whole, true) << "made anew by " << data;
  }
}

}  // namespace
}  // namespace taskqueue::handlers::tests
