// The handler CategoryPermissionCache rebuilds the CMS's cache of category permissions.
//
//   TaskData   {"CategoryId": 12} for that category and all below it; {} for all
//   Results    {"CategoryId", "Categories", "Rows", "Detached", "Passes", "Seconds"}
//
// A full rebuild fills a shadow table that then replaces the cache; a partial one is a single transaction.
// Readers see either the old cache or the new one. CMS changes during the rebuild are detected before the end
// and applied. A database lock separates two rebuilds: the later one is snoozed. A run may be repeated; it
// removes the remains of a killed run.
//
// Final errors: category_missing, acl_too_long, database_schema. Errors that are retried: database,
// lease_lost, cancelled, and cache_in_use when readers hold the table for too long.
#pragma once

#include "module/platform/permission_cache_configuration.h"
#include "module/store/database/connection.h"
#include "module/store/sql/table_names.h"
#include "runner/handlers/task_handler.h"

namespace taskqueue::handlers {

// The handler opens a connection for each run and closes it at the end of the run.
HandlerEntry makeCategoryPermissionCache(const platform::PermissionCacheConfiguration& configuration,
                                         store::ConnectionSettings settings, store::TableNames names);

}  // namespace taskqueue::handlers
