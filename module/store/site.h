// Examines the CMS's schema: the account's rights and our tables. It can also remove our tables.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "module/store/database/connection.h"

namespace taskqueue::store {

// The rights that sql/grants.sql grants, in its order.
extern const std::vector<std::string> kNeededRights;

struct RightsAnswer {
  std::string account;               // as GRANT names it: `user`@`host`
  std::vector<std::string> missing;  // those of kNeededRights that the account lacks
  std::string grant;                 // the statement that grants these; empty when nothing is missing
};

// Returns the statement that grants rights on all tables of the database.
std::string grantStatement(const std::vector<std::string>& rights, const std::string& database,
                           const std::string& account);

// Checks the rights that SHOW GRANTS lists for the account and its roles. The connection needs no database.
RightsAnswer checkRights(Connection& connection, const std::string& database);

// Returns why this server cannot be used, or nothing.
std::optional<std::string> findServerProblem(Connection& connection);

// Returns whether the schema has a table of this name.
bool hasTable(Connection& connection, const std::string& table);

// Returns why the table cannot be that of the CMS's settings, or nothing. It may be missing: the migrations
// make it.
std::optional<std::string> findSettingsTableProblem(Connection& connection, const std::string& table);

// Returns the names of all tables that the migrations make, in alphabetical order, without the CMS's own
// settings table.
std::vector<std::string> ownTables(const TableNames& names);
// Returns those of them that exist.
std::vector<std::string> presentTables(Connection& connection);

// Counts what would be lost or disturbed by removing our tables.
struct SiteUse {
  std::int64_t tasks = 0;
  std::int64_t openTasks = 0;  // tasks that wait or run
  std::int64_t runs = 0;
  std::int64_t liveRunners = 0;
};
SiteUse readSiteUse(Connection& connection);

// Drops all our tables and removes TaskRunnerLimit from the settings. A settings table that the migrations
// made is dropped as well if it is empty then. May be repeated after a failure in the middle.
void removeOwnTables(Connection& connection);

}  // namespace taskqueue::store
