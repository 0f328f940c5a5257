// One MariaDB server per test program, started at first use and stopped at the end.
#pragma once

#include <string>

#include "module/store/database/connection.h"
#include "tests/support/mariadb_server.h"

namespace taskqueue::test_support {

// The server of this test program.
MariadbServer& sharedServer();

// Returns the connection settings for a database on it.
store::ConnectionSettings settingsFor(const std::string& database);

// The table names of the contract tests, with the CMS's own prefix.
store::TableNames cmsNames();

// Empties the database and migrates its schema to the newest version.
void migrate(const std::string& database, const store::TableNames& names = cmsNames());

// Empties our tables, which is much faster than migrating again.
void emptyTables(store::Connection& connection);

}  // namespace taskqueue::test_support
