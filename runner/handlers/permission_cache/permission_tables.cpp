#include "runner/handlers/permission_cache/permission_tables.h"

#include <algorithm>

#include "module/json/writer.h"
#include "runner/handlers/cms_table.h"
#include "runner/handlers/task_handler.h"

namespace taskqueue::handlers {
namespace {

constexpr std::size_t kPartCategories = 5000;  // limit per DELETE
constexpr const char* kSection = "permission_cache";

const std::string kSelectIndex =
    "SELECT INDEX_NAME FROM information_schema.STATISTICS WHERE TABLE_SCHEMA=DATABASE() AND TABLE_NAME=? AND"
    " COLUMN_NAME=? AND SEQ_IN_INDEX=1 AND INDEX_NAME NOT LIKE '%`%' LIMIT 1";

}  // namespace

PermissionTables::PermissionTables(store::Connection& connection,
                                   const platform::PermissionCacheConfiguration& names)
    : connection_(connection),
      names_(names),
      cache_(connection.names().prefix() + names.cacheTable),
      shadow_(cache_ + "_shadow"),
      retired_(cache_ + "_retired") {}

void PermissionTables::check(bool transactional) {
  const std::string& prefix = connection_.names().prefix();
  const auto table = [&](const std::string& name) { return CmsTable(connection_, prefix + name, kSection); };
  table(names_.categoriesTable).require({names_.categoryIdColumn, names_.parentIdColumn});
  table(names_.groupsTable).require({names_.groupIdColumn});
  table(names_.configTable).require({names_.permIdColumn, names_.permNameColumn});
  std::vector<std::string> columns{names_.permissionNameColumn, names_.permissionGroupColumn,
                                   names_.permissionValueColumn, names_.permissionCategoryColumn};
  if (!names_.permissionTypeColumn.empty()) columns.push_back(names_.permissionTypeColumn);
  table(names_.permissionsTable).require(columns);
  const CmsTable cache = table(names_.cacheTable);
  cache.require({names_.cacheCategoryColumn, names_.cachePermColumn, names_.cacheGroupsColumn});
  longestAcl_ = static_cast<std::size_t>(cache.column(names_.cacheGroupsColumn).characters);
  auto index = connection_.queryText(kSelectIndex, {cache_, names_.cacheCategoryColumn});
  // The optimizer has no statistics of a new table, and would scan it once per category.
  forceIndex_ = index.empty() ? "" : " FORCE INDEX (" + quotedIdentifier(index.front().text()) + ")";
  rollsBack_ = cache.rollsBack();
  if (transactional && !rollsBack_) {
    throw GiveUp("database_schema",
                 "the table " + cache_ + " is kept by " + cache.engine() +
                     ", where readers would see half of a change: rebuild the whole cache, without "
                     "CategoryId, or ALTER TABLE " +
                     cache_ + " ENGINE=InnoDB");
  }
}

// One statement reads both parts, so that they show the same moment.
PermissionRows PermissionTables::read() {
  const std::string& prefix = connection_.names().prefix();
  const auto of = [](const char* alias, const std::string& column) {
    return std::string(alias) + "." + quotedIdentifier(column);
  };
  std::string text =
      "SELECT 0, " + of("c", names_.categoryIdColumn) + ", " + of("c", names_.parentIdColumn) +
      ", 0, 0 FROM " + quotedIdentifier(prefix + names_.categoriesTable) + " c UNION ALL SELECT 1, " +
      of("p", names_.permissionCategoryColumn) + ", " + of("f", names_.permIdColumn) + ", " +
      of("p", names_.permissionGroupColumn) + ", " + of("p", names_.permissionValueColumn) + " <> 0 FROM " +
      quotedIdentifier(prefix + names_.permissionsTable) + " p JOIN " +
      quotedIdentifier(prefix + names_.configTable) + " f ON " + of("f", names_.permNameColumn) + " = " +
      of("p", names_.permissionNameColumn) + " JOIN " + quotedIdentifier(prefix + names_.groupsTable) +
      " g ON " + of("g", names_.groupIdColumn) + " = " + of("p", names_.permissionGroupColumn);
  if (!names_.permissionTypeColumn.empty()) text += " WHERE " + of("p", names_.permissionTypeColumn) + " = 0";
  PermissionRows rows;
  for (store::Row& row : connection_.queryText(text)) {
    if (row.number() == 0) {
      const int id = row.number();
      rows.categories.push_back({id, row.number()});
      continue;
    }
    PermissionRows::Setting setting;
    setting.category = row.number();
    setting.perm = row.number();
    setting.group = row.number();
    setting.allowed = row.number() != 0;
    rows.settings.push_back(setting);
  }
  return rows;
}

void PermissionTables::remove(const std::string& table, std::span<const int> categories) {
  const std::string text =
      "DELETE t FROM JSON_TABLE(?, '$[*]' COLUMNS (Category INT PATH '$')) v STRAIGHT_JOIN " +
      quotedIdentifier(table) + " t" + forceIndex_ + " ON t." + quotedIdentifier(names_.cacheCategoryColumn) +
      " = v.Category";
  while (!categories.empty()) {
    const auto part = categories.first(std::min(categories.size(), kPartCategories));
    json::Writer ids;
    ids.startArray();
    for (const int id : part) ids.value(id);
    connection_.executeText(text, {ids.endArray().text()});
    categories = categories.subspan(part.size());
  }
}

std::int64_t PermissionTables::write(const std::string& table, const PermissionTree& tree,
                                     std::span<const int> categories,
                                     const std::function<void(std::size_t)>& progress) {
  std::int64_t written = 0;
  std::string part;
  for (std::size_t i = 0; i < categories.size(); ++i) {
    const int category = categories[i];
    for (const PermissionTree::Right& right : tree.rightsOf(category)) {
      if (right.acl.size() > longestAcl_) {
        throw GiveUp("acl_too_long", "the groups that may do something in category " +
                                         std::to_string(category) + " take " +
                                         std::to_string(right.acl.size()) + " characters, the column " +
                                         names_.cacheGroupsColumn + " of " + cache_ + " holds " +
                                         std::to_string(longestAcl_) + ": make it a MEDIUMTEXT");
      }
      // The text has only digits and commas, so it needs no escaping.
      part += part.empty() ? "[[" : ",[";
      part += std::to_string(category) + "," + std::to_string(right.perm) + ",\"" + right.acl + "\"]";
      ++written;
    }
    if (part.size() < connection_.batchBytes()) continue;
    flush(table, part);
    part.clear();
    progress(i + 1);
  }
  if (!part.empty()) flush(table, part);
  progress(categories.size());
  return written;
}

void PermissionTables::flush(const std::string& table, const std::string& rows) {
  constexpr std::size_t kLongestVarchar = 4000;
  const std::string type =
      longestAcl_ > kLongestVarchar ? "LONGTEXT" : "VARCHAR(" + std::to_string(longestAcl_) + ")";
  connection_.executeText(
      "INSERT INTO " + quotedIdentifier(table) + " (" + quotedIdentifier(names_.cacheCategoryColumn) + ", " +
          quotedIdentifier(names_.cachePermColumn) + ", " + quotedIdentifier(names_.cacheGroupsColumn) +
          ") SELECT v.Category, v.Perm, v.Acl FROM JSON_TABLE(?, '$[*]' COLUMNS (Category INT PATH '$[0]', "
          "Perm INT PATH '$[1]', Acl " +
          type + " CHARACTER SET ascii PATH '$[2]')) v",
      {rows + "]"});
}

void PermissionTables::dropLeftovers() {
  connection_.queryText("DROP TABLE IF EXISTS " + quotedIdentifier(shadow_) + ", " +
                        quotedIdentifier(retired_));
}

void PermissionTables::makeShadow() {
  connection_.queryText("CREATE TABLE " + quotedIdentifier(shadow_) + " LIKE " + quotedIdentifier(cache_));
}

// Updates the statistics, so that the site's first reads already get good plans.
void PermissionTables::analyzeShadow() {
  connection_.queryText("ANALYZE TABLE " + quotedIdentifier(shadow_));
}

bool PermissionTables::swap() {
  // While RENAME waits for readers of the table, all later queries wait behind it.
  connection_.queryText("SET SESSION lock_wait_timeout=" + std::to_string(names_.swapWait.count()));
  try {
    connection_.queryText("RENAME TABLE " + quotedIdentifier(cache_) + " TO " + quotedIdentifier(retired_) +
                          ", " + quotedIdentifier(shadow_) + " TO " + quotedIdentifier(cache_));
  } catch (const store::Connection::Transient& error) {
    if (!error.isLockWait) throw;
    return false;
  }
  return true;
}

}  // namespace taskqueue::handlers
