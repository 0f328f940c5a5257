// The tables of the permission cache, beside a plain reference.
#pragma once

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

namespace taskqueue::handlers::tests::permission_cache_tests {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using store::Connection;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

inline constexpr const char* kDatabase = "permission_cache";
inline constexpr int kPerms = 3;

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

}  // namespace taskqueue::handlers::tests::permission_cache_tests
