// The permission cache: what it holds, and what its readers see meanwhile.
#include "tests/handlers/permission_tables.h"

namespace taskqueue::handlers::tests::permission_cache_tests {
namespace {

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
}  // namespace taskqueue::handlers::tests::permission_cache_tests
