#include "module/store/migration.h"

#include <algorithm>

#include "module/platform/log.h"
#include "module/store/database/named_lock.h"
#include "module/store/site.h"

namespace taskqueue::store {
namespace {

const Sql kTableExists{"table-exists", R"(
  SELECT COUNT(*)
  FROM information_schema.TABLES
  WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?
)"};

const Sql kOtherEngines{"other-engines", R"(
  SELECT TABLE_NAME, ENGINE
  FROM information_schema.TABLES
  WHERE TABLE_SCHEMA = DATABASE()
    AND TABLE_TYPE = 'BASE TABLE'
    AND ENGINE <> 'InnoDB'
)"};

const char* const kCreateSchemaTable =
    "CREATE TABLE IF NOT EXISTS {TaskQueueSchema} (Id INT(11) NOT NULL, Name VARCHAR(255) NOT NULL DEFAULT "
    "'', "
    "AppliedOn INT(11) NULL DEFAULT NULL, PRIMARY KEY (Id), KEY AppliedOn (AppliedOn)) ENGINE=InnoDB DEFAULT "
    "CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci";

// Served by the primary key.
const Sql kNewestVersion{"newest-version", R"(
  SELECT COALESCE(MAX(Id), 0)
  FROM {TaskQueueSchema}
)"};
const Sql kRecordVersion{"record-version", R"(
  INSERT INTO {TaskQueueSchema} (Id, Name, AppliedOn)
  VALUES (?, ?, UNIX_TIMESTAMP())
)"};

constexpr std::chrono::seconds kMigrationLockWait{60};

void replaceAll(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

std::string newerThanProgram(int version) {
  return "the schema has version " + std::to_string(version) + ", this program knows " +
         std::to_string(migrations().back().version) + ": install the program that fits it";
}

}  // namespace

std::vector<std::string> splitStatements(std::string_view text, const TableNames& names) {
  std::vector<std::string> statements;
  std::string statement;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.starts_with("--") || (line.empty() && statement.empty())) continue;
    statement.append(line).append("\n");
    if (!line.ends_with(';')) continue;
    statement.erase(statement.rfind(';'));
    replaceAll(statement, "%PREFIX%", names.prefix());
    replaceAll(statement, "%SETTINGS%", names.settingsTable());
    statements.push_back(std::move(statement));
    statement.clear();
  }
  return statements;
}

std::vector<std::string> upgradeStatements(int since, const TableNames& names) {
  std::vector<std::string> statements{names.expand(kCreateSchemaTable)};
  for (const Migration& migration : migrations()) {
    if (migration.version <= since) continue;
    const auto own = splitStatements(migration.text, names);
    statements.insert(statements.end(), own.begin(), own.end());
    statements.push_back(names.expand("INSERT INTO {TaskQueueSchema} (Id, Name, AppliedOn) VALUES (") +
                         std::to_string(migration.version) + ", '" + migration.name + "', UNIX_TIMESTAMP())");
  }
  return statements;
}

int Migrator::currentVersion() {
  const std::string table = connection_.names().prefix() + "TaskQueueSchema";
  const bool exists = connection_.query(kTableExists, {table}).at(0).as<bool>();
  return exists ? connection_.query(kNewestVersion).at(0).as<int>() : 0;
}

std::optional<std::string> Migrator::problem() {
  const int version = currentVersion();
  const int wanted = migrations().back().version;
  if (version > wanted) return newerThanProgram(version);
  if (version < wanted) {
    return "the schema has version " + std::to_string(version) + ", this program needs " +
           std::to_string(wanted) + ": run 'taskqueue migrate'";
  }
  if (const auto others = tablesOfOtherEngines(); !others.empty()) {
    return "the table " + others.front().first + " is kept by " + others.front().second +
           ", which does not roll back: run 'taskqueue migrate', which makes it InnoDB again";
  }
  return std::nullopt;
}

std::vector<std::pair<std::string, std::string>> Migrator::tablesOfOtherEngines() {
  const std::vector<std::string> own = ownTables(connection_.names());
  std::vector<std::pair<std::string, std::string>> others;
  for (Row& row : connection_.query(kOtherEngines)) {
    const auto [table, engine] = row.as<std::string, std::string>();
    if (std::binary_search(own.begin(), own.end(), table)) others.emplace_back(table, engine);
  }
  return others;
}

void Migrator::repairEngines() {
  for (const auto& [table, engine] : tablesOfOtherEngines()) {
    platform::log(platform::Level::Warning, "a table of the queue is made InnoDB again",
                  {{"table", table}, {"engine", engine}});
    connection_.queryText("ALTER TABLE " + table + " ENGINE=InnoDB");
  }
}

std::vector<int> Migrator::apply(const std::function<void(const Migration&)>& announce) {
  refuseOtherSettingsTable();
  // Changing a large table can take long; the usual limits on a statement would end it half-way.
  connection_.queryText("SET SESSION max_statement_time=0, lock_wait_timeout=" +
                        std::to_string(kMigrationLockWait.count()));
  const NamedLock lock(connection_, connection_.names().prefix(), kMigrationLockWait);
  if (!lock.wasTaken()) {
    throw StoreError(StoreError::Kind::Unavailable,
                     "another migration holds the lock: try again when it has ended");
  }
  std::vector<int> applied;
  connection_.queryText(connection_.names().expand(kCreateSchemaTable));
  repairEngines();
  const int version = currentVersion();
  if (version > migrations().back().version)
    throw StoreError(StoreError::Kind::Broken, newerThanProgram(version));
  for (const Migration& migration : migrations()) {
    if (migration.version <= version) continue;
    announce(migration);
    for (const std::string& statement : splitStatements(migration.text, connection_.names())) {
      connection_.queryText(statement);
    }
    connection_.execute(kRecordVersion, {migration.version, std::string(migration.name)});
    applied.push_back(migration.version);
  }
  return applied;
}

void Migrator::refuseOtherSettingsTable() {
  const auto exists = [&](const std::string& table) {
    return connection_.query(kTableExists, {table}).at(0).as<bool>();
  };
  const std::string older = connection_.names().prefix() + "ConfigurationValues";
  const std::string& ours = connection_.names().settingsTable();
  if (exists(ours) || !exists(older)) return;
  throw StoreError(StoreError::Kind::Broken, "the site has no table " + ours + " but keeps its settings in " +
                                                 older + ": set database.settings_table=" + older);
}

}  // namespace taskqueue::store
