#include "runner/handlers/cms_table.h"

#include <strings.h>

#include <algorithm>
#include <utility>

#include "runner/handlers/task_handler.h"

namespace taskqueue::handlers {
namespace {

const std::string kSelectEngine =
    "SELECT COALESCE(t.ENGINE, ''), COALESCE(e.TRANSACTIONS, '')='YES' FROM information_schema.TABLES t"
    " LEFT JOIN information_schema.ENGINES e ON e.ENGINE=t.ENGINE"
    " WHERE t.TABLE_SCHEMA=DATABASE() AND t.TABLE_NAME=?";

const std::string kSelectColumns =
    "SELECT COLUMN_NAME, LOWER(DATA_TYPE), COLUMN_TYPE, IS_NULLABLE='YES',"
    " COLUMN_DEFAULT IS NOT NULL OR EXTRA LIKE '%auto_increment%', IS_GENERATED='ALWAYS',"
    " COALESCE(CHARACTER_SET_NAME, ''), COALESCE(COLLATION_NAME, ''), COALESCE(CHARACTER_MAXIMUM_LENGTH, 0),"
    " COALESCE(CHARACTER_OCTET_LENGTH, 0), COALESCE(NUMERIC_PRECISION, 0), COALESCE(NUMERIC_SCALE, 0)"
    " FROM information_schema.COLUMNS WHERE TABLE_SCHEMA=DATABASE() AND TABLE_NAME=? ORDER BY"
    " ORDINAL_POSITION";

CmsColumn columnOf(store::Row& row) {
  CmsColumn column;
  column.name = row.text();
  column.dataType = row.text();
  column.type = row.text();
  column.nullable = row.number() != 0;
  column.hasDefault = row.number() != 0;
  column.isComputed = row.number() != 0;
  column.characterSet = row.text();
  column.collation = row.text();
  column.characters = row.integer();
  column.bytes = row.integer();
  column.precision = row.number();
  column.scale = row.number();
  return column;
}

}  // namespace

CmsTable::CmsTable(store::Connection& connection, std::string name, std::string section)
    : name_(std::move(name)), section_(std::move(section)) {
  auto engine = connection.queryText(kSelectEngine, {name_});
  if (engine.empty()) {
    throw GiveUp("database_schema", "there is no table " + name_ + "; name the right one in [" + section_ +
                                        "] of the configuration");
  }
  engine_ = engine.front().text();
  rollsBack_ = engine.front().number() != 0;
  for (store::Row& row : connection.queryText(kSelectColumns, {name_})) columns_.push_back(columnOf(row));
}

// Column names are case-insensitive.
const CmsColumn* CmsTable::find(std::string_view name) const {
  const auto found = std::find_if(columns_.begin(), columns_.end(), [&](const CmsColumn& column) {
    return column.name.size() == name.size() &&
           ::strncasecmp(column.name.data(), name.data(), name.size()) == 0;
  });
  return found == columns_.end() ? nullptr : &*found;
}

void CmsTable::require(const std::vector<std::string>& columns) const {
  std::string missing;
  bool several = false;
  for (const std::string& name : columns) {
    if (find(name) != nullptr) continue;
    several = !missing.empty();
    missing += (missing.empty() ? "" : ", ") + name;
  }
  if (missing.empty()) return;
  std::string there;
  for (const CmsColumn& column : columns_) there += (there.empty() ? "" : ", ") + column.name;
  throw GiveUp("database_schema", "the table " + name_ + " has no column" + (several ? "s " : " ") + missing +
                                      "; it has " + there + ". Correct [" + section_ +
                                      "] of the configuration, or the table");
}

const CmsColumn& CmsTable::column(const std::string& name) const {
  require({name});
  return *find(name);
}

}  // namespace taskqueue::handlers
