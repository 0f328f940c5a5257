// The CMS's permission tables: reads the settings and writes the cache.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "module/platform/permission_cache_configuration.h"
#include "module/store/database/connection.h"
#include "runner/handlers/permission_cache/permission_tree.h"

namespace taskqueue::handlers {

// Belongs to the connection's thread. All functions throw StoreError.
class PermissionTables {
 public:
  PermissionTables(store::Connection& connection, const platform::PermissionCacheConfiguration& names);

  // Throws GiveUp database_schema when the tables differ from the configuration. With `transactional` the
  // cache table must also support rollback.
  void check(bool transactional);

  // Valid after check(): tells whether one transaction can replace rows of the cache.
  bool rollsBack() const { return rollsBack_; }

  // Reads categories and settings in one snapshot. Settings of deleted groups or permissions are left out.
  PermissionRows read();

  // ── the cache, or its shadow table ──
  const std::string& cache() const { return cache_; }
  const std::string& shadow() const { return shadow_; }

  // Remove or write the rows of these categories. write() calls `progress` after each part with the number of
  // categories done, and returns the number of rows. Throws GiveUp acl_too_long.
  void remove(const std::string& table, std::span<const int> categories);
  std::int64_t write(const std::string& table, const PermissionTree& tree, std::span<const int> categories,
                     const std::function<void(std::size_t)>& progress);

  // ── the shadow table; each call commits the open transaction ──
  void dropLeftovers();  // the shadow or retired table of a killed run
  void makeShadow();
  void analyzeShadow();
  // Replaces the cache by the shadow table, atomically for readers. Returns false when a reader holds the
  // cache for longer than `swapWait`; the call may be repeated. Throws StoreError.
  bool swap();

 private:
  void flush(const std::string& table, const std::string& rows);

  store::Connection& connection_;
  const platform::PermissionCacheConfiguration& names_;
  std::string cache_;
  std::string shadow_;
  std::string retired_;  // name of the former cache, between the swap and its removal
  std::size_t longestAcl_ = 0;
  bool rollsBack_ = true;
  std::string forceIndex_;  // hint for the cache's index on categories
};

}  // namespace taskqueue::handlers
