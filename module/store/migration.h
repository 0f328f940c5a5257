// Brings the schema to this program's version. The migrations are kept in sql/ and built in.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "module/store/database/connection.h"

namespace taskqueue::store {

struct Migration {
  int version;
  const char* name;
  const char* text;  // statements, each ended by ';' at a line's end; every one may be run again
};

// Returns the migrations in the order of their versions, without gaps from 1.
std::span<const Migration> migrations();

// Returns the statements of a migration with the names of this site.
std::vector<std::string> splitStatements(std::string_view text, const TableNames& names);

// Returns all statements that bring a schema from version `since` (0: no table exists) to this program's, and
// record it as a Migrator does. They are for sites that deploy by SQL.
std::vector<std::string> upgradeStatements(int since, const TableNames& names);

class Migrator {
 public:
  explicit Migrator(Connection& connection) : connection_(connection) {}

  // Returns the version that the schema has, or 0 when no table of ours exists.
  int currentVersion();

  // Returns nothing when the schema fits this program; otherwise what does not fit and how to mend it.
  std::optional<std::string> problem();

  // Returns our tables that another engine than InnoDB keeps, as after an ALTER by hand, with its name. The
  // queue's promises do not hold there.
  std::vector<std::pair<std::string, std::string>> tablesOfOtherEngines();

  // Makes those tables InnoDB again and applies what is missing, under a lock. Returns the versions applied.
  // Throws StoreError: Broken when the schema is newer than this program, Unavailable when another migration
  // holds the lock too long.
  std::vector<int> apply(const std::function<void(const Migration&)>& announce);

 private:
  void repairEngines();
  void refuseOtherSettingsTable();

  Connection& connection_;
};

}  // namespace taskqueue::store
