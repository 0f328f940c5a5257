#include "module/store/site.h"
#include "module/queue/word_list.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "module/store/migration.h"

namespace taskqueue::store {

const std::vector<std::string> kNeededRights{"SELECT", "INSERT", "UPDATE", "DELETE",
                                             "CREATE", "ALTER",  "INDEX",  "DROP"};

namespace {

constexpr int kMinMajor = 10;
constexpr int kMinMinor = 6;  // for SKIP LOCKED and JSON_TABLE
constexpr std::string_view kCreate = "CREATE TABLE IF NOT EXISTS ";
constexpr const char* kSchemaTable = "TaskQueueSchema";

// Takes a name in backquotes, as SHOW GRANTS writes it; empty when there is none.
std::string takeQuoted(std::string_view& from) {
  std::string name;
  if (!from.starts_with('`')) return name;
  for (from.remove_prefix(1); !from.empty(); from.remove_prefix(1)) {
    if (from.starts_with('`')) {
      from.remove_prefix(1);
      if (!from.starts_with('`')) return name;
    }
    name += from.front();
  }
  return name;
}

std::string quotedForGrant(std::string_view name) {
  std::string text = "`";
  for (const char c : name) text += c == '`' ? "``" : std::string(1, c);
  return text + "`";
}

// Escapes a name for GRANT, in which '_' and '%' stand for any characters.
std::string pattern(std::string_view name) {
  std::string text;
  for (const char c : name) text += (c == '_' || c == '%' || c == '\\' ? "\\" : "") + std::string(1, c);
  return text;
}

// Adds the rights that one line of SHOW GRANTS gives on the database: "GRANT SELECT, INSERT ON `schema`.* TO
// …".
void addRights(Connection& connection, std::string_view line, const std::string& database,
               std::set<std::string>& rights) {
  const auto on = line.find(" ON ");
  if (!line.starts_with("GRANT ") || on == std::string_view::npos)
    return;  // a role: SHOW GRANTS lists its rights as well
  std::string_view list = line.substr(6, on - 6);
  std::string_view object = line.substr(on + 4);
  bool holds = object.starts_with("*.* ");
  if (!holds) {
    const std::string schema = takeQuoted(object);
    holds = object.starts_with(".* ") &&
            connection.queryText("SELECT ? LIKE ?", {database, schema}).at(0).as<bool>();
  }
  if (!holds) return;
  while (!list.empty()) {
    const auto comma = list.find(", ");
    const std::string right(list.substr(0, comma));
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 2);
    if (right.starts_with("ALL")) rights.insert(kNeededRights.begin(), kNeededRights.end());
    rights.insert(right);
  }
}

}  // namespace

std::string grantStatement(const std::vector<std::string>& rights, const std::string& database,
                           const std::string& account) {
  return "GRANT " + wordList(rights) + " ON " + quotedForGrant(pattern(database)) + ".* TO " + account + ";";
}

RightsAnswer checkRights(Connection& connection, const std::string& database) {
  RightsAnswer answer;
  std::string account = connection.queryText("SELECT CURRENT_USER()").at(0).as<std::string>();
  const auto at = account.rfind('@');
  answer.account = quotedForGrant(account.substr(0, at)) + "@" + quotedForGrant(account.substr(at + 1));
  std::set<std::string> rights;
  for (Row& row : connection.queryText("SHOW GRANTS"))
    addRights(connection, row.as<std::string>(), database, rights);
  std::copy_if(kNeededRights.begin(), kNeededRights.end(), std::back_inserter(answer.missing),
               [&](const std::string& right) { return !rights.contains(right); });
  if (!answer.missing.empty()) answer.grant = grantStatement(answer.missing, database, answer.account);
  return answer;
}

std::optional<std::string> findServerProblem(Connection& connection) {
  const std::string version = connection.queryText("SELECT VERSION()").at(0).as<std::string>();
  int major = 0;
  int minor = 0;
  const auto* const end = version.data() + version.size();
  const auto read = std::from_chars(version.data(), end, major);
  if (read.ptr != end) std::from_chars(read.ptr + 1, end, minor);
  const bool isNew = major > kMinMajor || (major == kMinMajor && minor >= kMinMinor);
  if (isNew && version.find("MariaDB") != std::string::npos) return std::nullopt;
  return "the server is " + version + ": MariaDB 10.6 or newer is needed";
}

bool hasTable(Connection& connection, const std::string& table) {
  return connection
      .queryText(
          "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND "
          "TABLE_NAME = ?",
          {table})
      .at(0)
      .as<bool>();
}

std::optional<std::string> findSettingsTableProblem(Connection& connection, const std::string& table) {
  const auto ours = ownTables(TableNames(connection.names().prefix(), ""));
  if (std::find(ours.begin(), ours.end(), table) != ours.end()) return "is a table of the queue";
  constexpr int kColumns = 2;
  const auto found =
      connection
          .queryText(
              "SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = "
              "DATABASE() AND TABLE_NAME = ? AND COLUMN_NAME IN ('VariableName', 'VariableValue')",
              {table})
          .at(0)
          .as<std::int64_t>();
  if (found == kColumns || !hasTable(connection, table)) return std::nullopt;
  return "has not the columns VariableName and VariableValue";
}

std::vector<std::string> ownTables(const TableNames& names) {
  std::set<std::string> tables{names.prefix() + kSchemaTable};
  for (const Migration& migration : migrations()) {
    for (const std::string& statement : splitStatements(migration.text, names)) {
      if (!statement.starts_with(kCreate)) continue;
      const auto end = statement.find_first_of(" (", kCreate.size());
      tables.insert(statement.substr(kCreate.size(), end - kCreate.size()));
    }
  }
  tables.erase(names.settingsTable());
  return {tables.begin(), tables.end()};
}

std::vector<std::string> presentTables(Connection& connection) {
  std::vector<std::string> present;
  for (const std::string& table : ownTables(connection.names())) {
    if (hasTable(connection, table)) present.push_back(table);
  }
  return present;
}

SiteUse readSiteUse(Connection& connection) {
  const auto count = [&](const std::string& table, const std::string& condition) {
    if (!hasTable(connection, connection.names().prefix() + table)) return std::int64_t{0};
    return connection.queryText("SELECT COUNT(*) FROM " + connection.names().prefix() + table + condition)
        .at(0)
        .as<std::int64_t>();
  };
  SiteUse use;
  use.tasks = count("TaskQueue", "");
  // A parked task waits as well. No task that has ended may be claimed.
  use.openTasks =
      count("TaskQueue",
            " WHERE NextRunOn IS NOT NULL OR ParkedReason <> '' OR LastStatus IN ('scheduled', 'running')");
  use.runs = count("TaskRuns", "");
  use.liveRunners = count("TaskRunners", " WHERE Status = 'running'");
  return use;
}

void removeOwnTables(Connection& connection) {
  std::vector<std::string> tables = presentTables(connection);
  // The schema table is the last, because it shows that the others are ours.
  std::stable_partition(tables.begin(), tables.end(),
                        [&](const std::string& table) { return !table.ends_with(kSchemaTable); });
  const std::string& settings = connection.names().settingsTable();
  if (hasTable(connection, settings)) {
    connection.executeText("DELETE FROM " + settings + " WHERE VariableName = 'TaskRunnerLimit'", {});
    auto left = connection.queryText("SELECT (SELECT COUNT(*) FROM " + settings +
                                         "), COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = "
                                         "DATABASE() AND TABLE_NAME = ?",
                                     {settings});
    constexpr int kOurColumns = 3;
    const auto [settingsLeft, columns] = left.at(0).as<int, int>();
    if (settingsLeft == 0 && columns == kOurColumns) connection.queryText("DROP TABLE " + settings);
  }
  for (const std::string& table : tables) connection.queryText("DROP TABLE " + table);
}

}  // namespace taskqueue::store
