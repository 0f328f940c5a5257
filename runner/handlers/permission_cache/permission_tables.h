// The CMS's tables around permissions: reads what was set, writes the cache.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "module/platform/permission_cache_configuration.h"
#include "module/store/connection.h"
#include "runner/handlers/permission_cache/permission_tree.h"

namespace taskqueue::handlers {

// Belongs to the connection's thread. All of it throws StoreError.
class PermissionTables {
 public:
  PermissionTables(store::Connection& connection, const platform::PermissionCacheConfiguration& names);

  // Throws GiveUp database_schema when the tables are not as the configuration says; with `transactional`
  // also when the cache's cannot be rolled back.
  void check(bool transactional);

  // After check(): whether rows of the cache can be replaced all at once.
  bool rollsBack() const { return rollsBack_; }

  // Categories and settings as they stood together at one moment. Settings of groups or permissions that are
  // not there any more are left out.
  PermissionRows read();

  // ── the cache itself, or its shadow ──
  const std::string& cache() const { return cache_; }
  const std::string& shadow() const { return shadow_; }

  // Removes and writes the rows of these categories; calls `progress` after each part with how many of them
  // are done. Returns how many rows were written. Throws GiveUp acl_too_long.
  void remove(const std::string& table, std::span<const int> categories);
  std::int64_t write(const std::string& table, const PermissionTree& tree, std::span<const int> categories,
                     const std::function<void(std::size_t)>& progress);

  // ── the shadow; each commits what is open ──
  void dropLeftovers();  // a shadow or a retired table that a killed run has left
  void makeShadow();
  void analyzeShadow();
  // Puts the shadow in the place of the cache, at once for all readers. False when somebody reads the cache
  // for longer than `swapWait`; it may be tried again. Throws StoreError.
  bool swap();

 private:
  void flush(const std::string& table, const std::string& rows);

  store::Connection& connection_;
  const platform::PermissionCacheConfiguration& names_;
  std::string cache_;
  std::string shadow_;
  std::string retired_;  // the former cache, between the swap and its end
  std::size_t longestAcl_ = 0;
  bool rollsBack_ = true;
  std::string forceIndex_;  // of the cache's categories
};

}  // namespace taskqueue::handlers
