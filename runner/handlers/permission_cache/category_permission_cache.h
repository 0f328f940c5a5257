// The handler CategoryPermissionCache: makes the CMS's cache of category permissions anew.
//
//   TaskData   {"CategoryId": 12} for that category and all below it; {} for all
//   Results    {"CategoryId", "Categories", "Rows", "Detached", "Passes", "Seconds"}
//
// The whole is made in a shadow table that takes the cache's place at the end, a part in one transaction:
// readers see the cache as it was or as it shall be. What changes meanwhile in the CMS is looked for before
// the end, and made up for. Two rebuilds are kept apart by a lock of the database: the later one is put off.
// A run may be repeated, and what a killed one has left behind is removed by the next.
//
// Errors that end it for good: category_missing, acl_too_long, database_schema. To be tried again: database,
// lease_lost, cancelled; cache_in_use when readers hold the table for too long.
#pragma once

#include "module/platform/permission_cache_configuration.h"
#include "module/store/connection.h"
#include "module/store/table_names.h"
#include "runner/handlers/task_handler.h"

namespace taskqueue::handlers {

// The handler opens a connection for each run and closes it with the run.
HandlerEntry makeCategoryPermissionCache(const platform::PermissionCacheConfiguration& configuration,
                                         store::ConnectionSettings settings, store::TableNames names);

}  // namespace taskqueue::handlers
