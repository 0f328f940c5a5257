// The CMS's schema as we find it: what the account may do there, which tables of ours there are, and taking
// them away again.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "module/store/connection.h"

namespace taskqueue::store {

// What sql/grants.sql grants, in its order.
extern const std::vector<std::string> kNeededRights;

struct RightsAnswer {
  std::string account;               // as GRANT names it: `user`@`host`
  std::vector<std::string> missing;  // of kNeededRights
  std::string grant;                 // the statement that mends it; empty when nothing is missing
};

// By what SHOW GRANTS says of the account and its roles. The connection needs no database.
RightsAnswer checkRights(Connection& connection, const std::string& database);

// Nothing, or why this server cannot be used.
std::optional<std::string> findServerProblem(Connection& connection);

// Whether the schema has a table of this name.
bool hasTable(Connection& connection, const std::string& table);

// Nothing, or why the table cannot be the one of the CMS's settings. It may be missing: the migrations make
// it.
std::optional<std::string> findSettingsTableProblem(Connection& connection, const std::string& table);

// The names of all tables that the migrations make, in alphabetical order, without the CMS's own settings
// table.
std::vector<std::string> ownTables(const TableNames& names);
// Those of them that are there.
std::vector<std::string> presentTables(Connection& connection);

// What would be lost or disturbed.
struct SiteUse {
  std::int64_t tasks = 0;
  std::int64_t openTasks = 0;  // that wait or run
  std::int64_t runs = 0;
  std::int64_t liveRunners = 0;
};
SiteUse readSiteUse(Connection& connection);

// Drops all tables of ours and takes TaskRunnerLimit out of the settings; a settings table that we had made,
// and that is empty then, is dropped, too. May be repeated after a failure in the middle.
void removeOwnTables(Connection& connection);

}  // namespace taskqueue::store
