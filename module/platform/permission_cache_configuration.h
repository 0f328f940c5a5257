// The CMS's tables of categories, groups and permissions, and the cache that is built from them.
#pragma once

#include <chrono>
#include <string>

#include "module/platform/settings_file.h"

namespace taskqueue::platform {

// Table names have no prefix. The defaults are those of In-Portal 5.2 and later.
struct PermissionCacheConfiguration {
  std::string categoriesTable = "Categories";
  std::string categoryIdColumn = "CategoryId";
  std::string parentIdColumn = "ParentId";

  std::string groupsTable = "UserGroups";
  std::string groupIdColumn = "GroupId";

  // This table has one row for each permission that a category can grant or deny.
  std::string configTable = "CategoryPermissionsConfig";
  std::string permIdColumn = "PermissionConfigId";
  std::string permNameColumn = "PermissionName";

  // This table has the settings: a group may (value not 0) or may not (0) do something in a category.
  std::string permissionsTable = "Permissions";
  std::string permissionNameColumn = "Permission";
  std::string permissionGroupColumn = "GroupId";
  std::string permissionValueColumn = "PermissionValue";
  std::string permissionTypeColumn =
      "Type";  // rows with 0 in this column are for categories; empty name: all rows are
  std::string permissionCategoryColumn = "CatId";

  std::string cacheTable = "CategoryPermissionsCache";
  std::string cacheCategoryColumn = "CategoryId";
  std::string cachePermColumn = "PermId";
  std::string cacheGroupsColumn = "ACL";  // ids of the permitted groups, ascending and comma-separated

  int homeCategory = 0;  // the root category, which needs no row

  std::chrono::seconds lockWait{5};   // waits for another rebuild; then the run snoozes
  std::chrono::seconds busyDelay{5};  // the time of this snooze
  std::chrono::seconds swapWait{1};   // waits for readers of the table, while new readers wait as well
  int swapTries = 30;
};

// Throws ConfigurationError.
PermissionCacheConfiguration readPermissionCache(SettingsFile& file);

}  // namespace taskqueue::platform
