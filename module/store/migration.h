// Brings the schema to this program's version. The migrations stand in sql/ and are built in.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "module/store/connection.h"

namespace taskqueue::store {

struct Migration {
  int version;
  const char* name;
  const char* text;  // statements, each ended by ';' at a line's end; every one may be run again
};

// In order of version, without gaps from 1.
std::span<const Migration> migrations();

// The statements of a migration with the names of this site.
std::vector<std::string> splitStatements(std::string_view text, const TableNames& names);

// All statements that bring a schema from version `since` (0: nothing is there) to this program's, with what
// a Migrator records of them: for those who deploy by SQL.
std::vector<std::string> upgradeStatements(int since, const TableNames& names);

class Migrator {
 public:
  explicit Migrator(Connection& connection) : connection_(connection) {}

  // The version that the schema has; 0 when nothing of ours is there.
  int currentVersion();

  // Nothing when the schema fits this program; otherwise what does not and how to mend it.
  std::optional<std::string> problem();

  // Tables of ours that another engine than InnoDB keeps, as after an ALTER by hand, with its name. What the
  // queue promises does not hold there.
  std::vector<std::pair<std::string, std::string>> tablesOfOtherEngines();

  // Makes those InnoDB again, and applies what is missing, under a lock, and returns the versions applied.
  // Throws StoreError: Broken when the schema is newer than this program, Unavailable when another migration
  // holds the lock too long.
  std::vector<int> apply(const std::function<void(const Migration&)>& announce);

 private:
  void repairEngines();
  void refuseOtherSettingsTable();

  Connection& connection_;
};

}  // namespace taskqueue::store
