#include "module/store/cms_scheduled_tasks.h"

#include <algorithm>

namespace taskqueue::store {
namespace {

constexpr int kActive = 1;
constexpr const char* kMostRows = "10000";

std::string quoted(const std::string& name) {
  const bool fits = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
  if (!fits) {
    throw StoreError(StoreError::Kind::Broken,
                     "the name of a table or column must be letters, digits and '_': " + name);
  }
  return "`" + name + "`";
}

}  // namespace

std::vector<CmsScheduledTask> readCmsScheduledTasks(Connection& connection, const CmsScheduleNames& names) {
  const std::string sql = "SELECT " + quoted(names.name) + ", " + quoted(names.event) + ", " +
                          quoted(names.runSchedule) + ", " + quoted(names.status) + " FROM " +
                          quoted(connection.names().prefix() + names.table) + " ORDER BY " +
                          quoted(names.name) + " LIMIT " + kMostRows;
  std::vector<CmsScheduledTask> tasks;
  for (Row& row : connection.queryText(sql)) {
    CmsScheduledTask task;
    task.name = row.text();
    task.event = row.text();
    task.runSchedule = row.text();
    task.active = row.integer() == kActive;
    tasks.push_back(std::move(task));
  }
  return tasks;
}

}  // namespace taskqueue::store
