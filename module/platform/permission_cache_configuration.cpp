#include "module/platform/permission_cache_configuration.h"

#include "module/platform/setting_kinds.h"

namespace taskqueue::platform {

PermissionCacheConfiguration readPermissionCache(SettingsFile& file) {
  PermissionCacheConfiguration to;
  const auto name = [&](const char* key, std::string& member) {
    member = identifier(file, std::string("permission_cache.") + key, member, false);
  };
  name("categories_table", to.categoriesTable);
  name("category_id_column", to.categoryIdColumn);
  name("parent_id_column", to.parentIdColumn);
  name("groups_table", to.groupsTable);
  name("group_id_column", to.groupIdColumn);
  name("config_table", to.configTable);
  name("perm_id_column", to.permIdColumn);
  name("perm_name_column", to.permNameColumn);
  name("permissions_table", to.permissionsTable);
  name("permission_name_column", to.permissionNameColumn);
  name("permission_group_column", to.permissionGroupColumn);
  name("permission_value_column", to.permissionValueColumn);
  to.permissionTypeColumn =
      identifier(file, "permission_cache.permission_type_column", to.permissionTypeColumn, true);
  name("permission_category_column", to.permissionCategoryColumn);
  name("cache_table", to.cacheTable);
  name("cache_category_column", to.cacheCategoryColumn);
  name("cache_perm_column", to.cachePermColumn);
  name("cache_groups_column", to.cacheGroupsColumn);

  const auto seconds = [&](const char* key, std::chrono::seconds& member, std::int64_t max) {
    const std::string whole = std::string("permission_cache.") + key;
    member = std::chrono::seconds(file.number(whole, member.count(), 1, max));
  };
  to.homeCategory =
      static_cast<int>(file.number("permission_cache.home_category", to.homeCategory, 0, INT32_MAX));
  seconds("lock_wait_seconds", to.lockWait, 60);
  seconds("busy_delay_seconds", to.busyDelay, 3600);
  seconds("swap_wait_seconds", to.swapWait, 60);
  to.swapTries = static_cast<int>(file.number("permission_cache.swap_tries", to.swapTries, 1, 1000));
  return to;
}

}  // namespace taskqueue::platform
