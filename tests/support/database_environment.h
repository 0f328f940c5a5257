// One MariaDB server for all tests of a program, started at the first use and stopped at the end.
#pragma once

#include <string>

#include "module/store/connection.h"
#include "tests/support/mariadb_server.h"

namespace taskqueue::test_support {

// The server of this test program.
MariadbServer& sharedServer();

// How to reach a database on it.
store::ConnectionSettings settingsFor(const std::string& database);

// The names that the contract tests use; the CMS's own prefix.
store::TableNames cmsNames();

// Makes the database empty and brings its schema to the newest version.
void migrate(const std::string& database, const store::TableNames& names = cmsNames());

// Makes the tables of ours empty. Much faster than migrating anew.
void emptyTables(store::Connection& connection);

}  // namespace taskqueue::test_support
