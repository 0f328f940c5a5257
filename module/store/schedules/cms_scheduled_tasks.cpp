#include "module/store/schedules/cms_scheduled_tasks.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <set>
#include <utility>

#include "module/platform/setting_kinds.h"

namespace taskqueue::store {
namespace {

constexpr int kActive = 1;
constexpr const char* kMaxRows = "10000";

std::string quotedColumn(const std::string& name) {
  return "`" + name + "`";
}

// Returns what is wrong with the names, and the command-line option that mends it.
std::optional<std::string> findProblem(Connection& connection, const CmsScheduleNames& names) {
  const std::pair<const char*, std::string> columns[] = {{"--name-column", names.name},
                                                         {"--event-column", names.event},
                                                         {"--schedule-column", names.runSchedule},
                                                         {"--status-column", names.status}};
  const std::string table = connection.names().prefix() + names.table;
  if (!platform::isIdentifier(table))
    return "--table must be letters, digits and '_', not '" + names.table + "'";
  std::string there;
  std::set<std::string> known;
  for (Row& row : connection.queryText(
           "SELECT COLUMN_NAME, LOWER(COLUMN_NAME) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = "
           "DATABASE() AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION",
           {table})) {
    const auto [name, lowerName] = row.as<std::string, std::string>();
    there += (there.empty() ? "" : ", ") + name;
    known.insert(lowerName);
  }
  if (there.empty()) {
    return "there is no table " + table + " in this schema: name the CMS's by --table, without the prefix '" +
           connection.names().prefix() + "'";
  }
  for (const auto& [option, name] : columns) {
    std::string lower = name;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (platform::isIdentifier(name) && known.contains(lower)) continue;
    return "the table " + table + " has no column " + name + ": name another by " + option + "; it has " +
           there;
  }
  return std::nullopt;
}

}  // namespace

std::variant<std::vector<CmsScheduledTask>, std::string> readCmsScheduledTasks(
    Connection& connection, const CmsScheduleNames& names) {
  if (auto problem = findProblem(connection, names)) return std::move(*problem);
  const std::string sql = "SELECT " + quotedColumn(names.name) + ", " + quotedColumn(names.event) + ", " +
                          quotedColumn(names.runSchedule) + ", " + quotedColumn(names.status) + " FROM " +
                          quotedColumn(connection.names().prefix() + names.table) + " ORDER BY " +
                          quotedColumn(names.name) + " LIMIT " + kMaxRows;
  std::vector<CmsScheduledTask> tasks;
  for (Row& row : connection.queryText(sql)) {
    CmsScheduledTask task;
    row.next(task.name, task.event, task.runSchedule);
    task.active = row.as<int>() == kActive;
    tasks.push_back(std::move(task));
  }
  return tasks;
}

}  // namespace taskqueue::store
