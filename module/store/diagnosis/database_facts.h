// Examines the database for `taskqueue doctor`. Nothing is changed.
#pragma once

#include "module/queue/database_facts.h"
#include "module/store/database/connection.h"

namespace taskqueue::store {

// Reads the facts of server and account, and with `withSchema` those of our tables, which must be of this
// program's version. Throws StoreError.
DatabaseFacts readDatabaseFacts(Connection& connection, const std::string& database, bool withSchema);

// Returns the indexes that the schema lacks, or that have other columns than the migrations give them.
std::vector<IndexFault> findIndexFaults(Connection& connection);

// Returns the account's rights, those that it lacks and those on the whole server.
AccountRights readAccountRights(Connection& connection, const std::string& database);

}  // namespace taskqueue::store
