// Compares the indexes of our tables with those that the migrations make.
#include <algorithm>
#include <map>
#include <string_view>

#include "module/store/diagnosis/database_facts.h"
#include "module/store/migration.h"

namespace taskqueue::store {
namespace {

struct Index {
  bool isUnique = false;
  std::string columns;  // separated by ", "

  bool operator==(const Index&) const = default;
};
using Indexes = std::map<std::pair<std::string, std::string>, Index>;  // by table and index

// Served by the server's dictionary.
const Sql kIndexes{"indexes-of-schema", R"(
  SELECT TABLE_NAME, INDEX_NAME, MAX(NON_UNIQUE) = 0,
    GROUP_CONCAT(COLUMN_NAME ORDER BY SEQ_IN_INDEX SEPARATOR ', ')
  FROM information_schema.STATISTICS
  WHERE TABLE_SCHEMA = DATABASE()
  GROUP BY TABLE_NAME, INDEX_NAME
)"};

constexpr std::string_view kNameCharacters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";

// Takes the text away from the begin, if it is there.
bool take(std::string_view& from, std::string_view text) {
  if (!from.starts_with(text)) return false;
  from.remove_prefix(text.size());
  return true;
}

std::string takeName(std::string_view& from) {
  const auto end = std::min(from.find_first_not_of(kNameCharacters), from.size());
  std::string name(from.substr(0, end));
  from.remove_prefix(end);
  return name;
}

// Follows one statement of a migration, which adds and drops indexes of one table: "UNIQUE KEY Name (…)",
// "ADD KEY IF NOT EXISTS Name (…)", "DROP KEY IF EXISTS Name".
void follow(std::string_view statement, Indexes& indexes) {
  constexpr std::string_view kKey = "KEY ";
  std::string_view left = statement;
  if (!take(left, "CREATE TABLE IF NOT EXISTS ") && !take(left, "ALTER TABLE ")) return;
  const std::string table = takeName(left);
  for (auto at = left.find(kKey); at != std::string_view::npos; at = left.find(kKey)) {
    const std::string_view before = left.substr(0, at);
    left.remove_prefix(at + kKey.size());
    if (!take(left, "IF NOT EXISTS ")) take(left, "IF EXISTS ");
    const std::string name = takeName(left);
    if (before.ends_with("DROP ")) {
      indexes.erase({table, name});
    } else if (!name.empty() && take(left, " (")) {
      indexes[{table, name}] = {before.ends_with("UNIQUE "), std::string(left.substr(0, left.find(')')))};
    }
  }
}

Indexes expectedIndexes(const TableNames& names) {
  Indexes indexes;
  for (const Migration& migration : migrations()) {
    for (const std::string& statement : splitStatements(migration.text, names)) follow(statement, indexes);
  }
  // The settings are the CMS's own table.
  std::erase_if(indexes, [&](const auto& each) { return each.first.first == names.settingsTable(); });
  return indexes;
}

// Returns the names of the statements that force the use of each index. The server refuses them without it.
std::map<std::pair<std::string, std::string>, std::vector<std::string>> usersOfIndexes(
    const TableNames& names) {
  constexpr std::string_view kForce = " FORCE INDEX (";
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> users;
  for (const Sql* sql : Sql::all()) {
    const std::string_view text = sql->text();
    for (auto at = text.find(kForce); at != std::string_view::npos; at = text.find(kForce, at + 1)) {
      const auto open = text.rfind('{', at);
      const auto close = text.find('}', open);
      const auto begin = at + kForce.size();
      if (open == std::string_view::npos) continue;
      const std::string table = names.expand(text.substr(open, close + 1 - open));
      std::vector<std::string>& of =
          users[{table, std::string(text.substr(begin, text.find(')', begin) - begin))}];
      if (of.empty() || of.back() != sql->name()) of.emplace_back(sql->name());
    }
  }
  return users;
}

}  // namespace

std::vector<IndexFault> findIndexFaults(Connection& connection) {
  Indexes present;
  for (Row& row : connection.query(kIndexes)) {
    const auto [table, index, isUnique, columns] = row.as<std::string, std::string, bool, std::string>();
    present[{table, index}] = {isUnique, columns};
  }
  const auto users = usersOfIndexes(connection.names());
  std::vector<IndexFault> faults;
  for (const auto& [name, expected] : expectedIndexes(connection.names())) {
    const auto& [table, index] = name;
    const auto found = present.find(name);
    if (found != present.end() && found->second == expected) continue;
    const std::string make = (expected.isUnique ? "UNIQUE INDEX " : "INDEX ") + index;
    IndexFault fault{.table = table, .index = index};
    if (found == present.end()) {
      fault.mend = "CREATE " + make + " ON " + table + " (" + expected.columns + ");";
    } else {
      fault.found = (found->second.isUnique ? "UNIQUE " : "") + found->second.columns;
      fault.mend =
          "ALTER TABLE " + table + " DROP INDEX " + index + ", ADD " + make + " (" + expected.columns + ");";
    }
    if (const auto of = users.find(name); of != users.end()) fault.statements = of->second;
    faults.push_back(std::move(fault));
  }
  return faults;
}

}  // namespace taskqueue::store
