#include "module/store/diagnosis/database_facts.h"

#include <chrono>

#include "module/store/site.h"

namespace taskqueue::store {
namespace {

// The settings of the server that the doctor judges.
const Sql kGlobals{"settings-of-server", R"(
  SELECT LOWER(VARIABLE_NAME), VARIABLE_VALUE
  FROM information_schema.GLOBAL_VARIABLES
  WHERE VARIABLE_NAME IN ('binlog_format', 'enforce_storage_engine', 'innodb_autoinc_lock_mode',
    'innodb_doublewrite', 'innodb_flush_log_at_trx_commit', 'innodb_force_recovery', 'log_bin', 'max_connections',
    'max_prepared_stmt_count', 'max_user_connections', 'read_only', 'sync_binlog', 'version')
)"};
// MariaDB 11 has renamed the isolation level.
const Sql kSession{"settings-of-session", R"(
  SELECT REPLACE(REPLACE(LOWER(VARIABLE_NAME), 'transaction_', ''), 'tx_', ''), VARIABLE_VALUE
  FROM information_schema.SESSION_VARIABLES
  WHERE VARIABLE_NAME IN ('character_set_client', 'innodb_lock_wait_timeout', 'sql_mode', 'time_zone',
    'transaction_isolation', 'tx_isolation', 'wait_timeout')
)"};
const Sql kTableStates{"states-of-tables", R"(
  SELECT TABLE_NAME, ROW_FORMAT, TABLE_COLLATION, COALESCE(TABLE_ROWS, 0),
    COALESCE(DATA_LENGTH + INDEX_LENGTH, 0)
  FROM information_schema.TABLES
  WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME IN (?)
  ORDER BY TABLE_NAME
)"};
// COLUMN_DEFAULT is a piece of SQL: a text has its quotes.
const Sql kNarrowColumns{"columns-with-few-characters", R"(
  SELECT TABLE_NAME, COLUMN_NAME, CHARACTER_SET_NAME, CONCAT('ALTER TABLE ', TABLE_NAME, ' MODIFY ', COLUMN_NAME,
    ' ', COLUMN_TYPE, ' CHARACTER SET utf8mb4 COLLATE ',
    IF(COLLATION_NAME LIKE '%\_bin', 'utf8mb4_nopad_bin', 'utf8mb4_unicode_ci'),
    IF(IS_NULLABLE = 'YES', ' NULL', ' NOT NULL'), COALESCE(CONCAT(' DEFAULT ', COLUMN_DEFAULT), ''), ';')
  FROM information_schema.COLUMNS
  WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME IN (?) AND CHARACTER_SET_NAME <> 'utf8mb4'
  ORDER BY TABLE_NAME, ORDINAL_POSITION
)"};
const Sql kNowPrecisely{"now-in-milliseconds", R"(
  SELECT CAST(@@timestamp * 1000 AS SIGNED)
)"};

std::map<std::string, std::string> readSettings(Connection& connection, const Sql& sql) {
  std::map<std::string, std::string> settings;
  for (Row& row : connection.query(sql)) {
    auto [name, value] = row.as<std::string, std::string>();
    settings.emplace(std::move(name), std::move(value));
  }
  return settings;
}

// The server checks names and rights when it prepares a statement. Nothing runs.
std::vector<StatementFault> findStatementFaults(Connection& connection) {
  std::vector<StatementFault> faults;
  for (const Sql* sql : Sql::all()) {
    std::string quoted;
    for (const char c : connection.names().expand(sql->text())) {
      if (c == '\'' || c == '\\') quoted += '\\';
      quoted += c;
    }
    try {
      connection.queryText("PREPARE doctor FROM '" + quoted + "'");
    } catch (const StoreError& error) {
      if (error.kind() == StoreError::Kind::Unavailable) throw;
      faults.push_back({sql->name(), error.what()});
    }
  }
  if (faults.size() < Sql::all().size()) connection.queryText("DEALLOCATE PREPARE doctor");
  return faults;
}

// Takes the middle between two looks at this machine's clock for the moment of the answer.
std::int64_t findLead(Connection& connection) {
  using std::chrono::system_clock;
  const auto milliseconds = [](system_clock::time_point at) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count();
  };
  const auto before = milliseconds(system_clock::now());
  const auto there = connection.query(kNowPrecisely).at(0).as<std::int64_t>();
  return there - (before + milliseconds(system_clock::now())) / 2;
}

}  // namespace

DatabaseFacts readDatabaseFacts(Connection& connection, const std::string& database, bool withSchema) {
  DatabaseFacts facts;
  facts.globals = readSettings(connection, kGlobals);
  facts.sessions = readSettings(connection, kSession);
  facts.rights = readAccountRights(connection, database);
  facts.aheadMilliseconds = findLead(connection);
  if (!withSchema) return facts;
  facts.indexes = findIndexFaults(connection);
  // Without an index or a right the server refuses statements, too. Each of these has its own line.
  if (facts.indexes.empty() && facts.rights.isUsable) facts.statements = findStatementFaults(connection);
  const Value own = Value::anyOf(ownTables(connection.names()));
  for (Row& row : connection.query(kTableStates, {own})) {
    TableState table;
    row.into(table.name, table.rowFormat, table.collation, table.rows, table.bytes);
    facts.tables.push_back(std::move(table));
  }
  for (Row& row : connection.query(kNarrowColumns, {own})) {
    ColumnFault column;
    row.into(column.table, column.column, column.characterSet, column.mend);
    facts.columns.push_back(std::move(column));
  }
  return facts;
}

}  // namespace taskqueue::store
