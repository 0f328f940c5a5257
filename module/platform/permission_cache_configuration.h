// Where the CMS keeps categories, groups and permissions, and the cache that is made from them.
#pragma once

#include <chrono>
#include <string>

#include "module/platform/settings_file.h"

namespace taskqueue::platform {

// Names of tables without the site's prefix. The defaults are those of In-Portal 5.2 and later.
struct PermissionCacheConfiguration {
  std::string categoriesTable = "Categories";
  std::string categoryIdColumn = "CategoryId";
  std::string parentIdColumn = "ParentId";

  std::string groupsTable = "UserGroups";
  std::string groupIdColumn = "GroupId";

  // One row for each permission that a category can give or take.
  std::string configTable = "CategoryPermissionsConfig";
  std::string permIdColumn = "PermissionConfigId";
  std::string permNameColumn = "PermissionName";

  // What was set: a group may (value not 0) or may not (0) do something in a category.
  std::string permissionsTable = "Permissions";
  std::string permissionNameColumn = "Permission";
  std::string permissionGroupColumn = "GroupId";
  std::string permissionValueColumn = "PermissionValue";
  std::string permissionTypeColumn = "Type";  // 0 there: of a category; empty: all are
  std::string permissionCategoryColumn = "CatId";

  std::string cacheTable = "CategoryPermissionsCache";
  std::string cacheCategoryColumn = "CategoryId";
  std::string cachePermColumn = "PermId";
  std::string cacheGroupsColumn = "ACL";  // ids of the groups that may, in ascending order, with commas

  int homeCategory = 0;  // the root, which needs no row among the categories

  std::chrono::seconds lockWait{5};   // for another rebuild; then the run is put off
  std::chrono::seconds busyDelay{5};  // for as long
  std::chrono::seconds swapWait{1};  // for readers to let go of the table; while it waits, new ones wait, too
  int swapTries = 30;
};

// Throws ConfigurationError.
PermissionCacheConfiguration permissionCacheOf(SettingsFile& file);

}  // namespace taskqueue::platform
