#include "runner/handlers/import/import_table.h"

#include <functional>
#include <map>
#include <utility>

#include "module/json/writer.h"
#include "runner/handlers/task_handler.h"

namespace taskqueue::handlers {
namespace {

using store::Connection;

std::string cellName(std::size_t index) {
  return "Cell" + std::to_string(index);
}

// Only an index over the whole key column alone makes the key unique. An index over more columns, or over a
// prefix, does not.
const std::string kSelectUniqueIndexes =
    "SELECT INDEX_NAME FROM information_schema.STATISTICS"
    " WHERE TABLE_SCHEMA=DATABASE() AND TABLE_NAME=? AND NON_UNIQUE=0"
    " GROUP BY INDEX_NAME HAVING COUNT(*)=1 AND MAX(COLUMN_NAME)=? AND MAX(SUB_PART) IS NULL";

void requireUniqueKey(Connection& connection, const std::string& table, const std::string& column) {
  if (!connection.queryText(kSelectUniqueIndexes, {table, column}).empty()) return;
  throw GiveUp("database_schema",
               "the column " + column + " of " + table +
                   " needs a UNIQUE key of its own: without it rows could stand there twice");
}

// The rows of a set as one JSON parameter. Each row holds its cells, then the key of its reference.
class RowsText {
 public:
  RowsText() { writer_.startArray(); }

  void add(const ImportRow& row, const std::optional<std::int64_t>& reference) {
    writer_.startArray();
    for (const auto& cell : row.cells) writer_.value(cell);
    writer_.value(reference).endArray();
    ++count_;
  }
  std::int64_t count() const { return count_; }
  std::string text() { return writer_.endArray().text(); }

 private:
  json::Writer writer_;
  std::int64_t count_ = 0;
};

std::string keysOf(const std::vector<ImportRow>& rows) {
  json::Writer keys;
  keys.startArray();
  for (const ImportRow& row : rows) keys.value(row.cells.front());
  return keys.endArray().text();
}

// Maps all spellings that the collation treats as the same key to one text.
std::string weightOf(const ColumnType& key, const std::string& expression) {
  const std::string wanted = comparable(key, expression);
  if (key.kind != ColumnType::Kind::Text) return "CAST(" + wanted + " AS CHAR)";
  const bool isPadded = key.collation.find("nopad") == std::string::npos;
  return "HEX(WEIGHT_STRING(" + (isPadded ? "RTRIM(" + wanted + ")" : wanted) + "))";
}

}  // namespace

ImportTable::ImportTable(Connection& connection, const platform::ImportConfiguration& configuration,
                         const HeaderPlan& plan, Mode mode)
    : connection_(connection), configuration_(configuration), plan_(plan), mode_(mode) {
  const std::string table = connection.names().prefix() + configuration.table;
  requireUniqueKey(connection, table, configuration.keyColumn);
  buildLookup(table);
  buildWriting(table);
  if (plan.referenceField) buildReference(*configuration.reference);
}

// For each key the query finds its last row in the set, its number of rows, and whether it exists in the
// table. Keys are sorted, so that two imports lock the same rows in the same order.
void ImportTable::buildLookup(const std::string& table) {
  const ColumnType& key = plan_.targets.front().column;
  const std::string wanted = comparable(key, "v.Wanted");
  const std::string there = "p." + quotedIdentifier(key.name);
  const std::string weight = mode_ == Mode::Rehearsal ? "MIN(" + weightOf(key, "v.Wanted") + ")" : "NULL";
  lookup_ = "SELECT MAX(v.Ordinal), COUNT(*), MAX(" + there + " IS NOT NULL), " + weight +
            " FROM JSON_TABLE(?, '$[*]' COLUMNS (Ordinal FOR ORDINALITY, Wanted " + jsonTableType(key) +
            " PATH '$')) v LEFT JOIN " + quotedIdentifier(table) + " p ON " + there + " = " + wanted +
            " GROUP BY " + wanted + " ORDER BY " + wanted;
}

void ImportTable::buildWriting(const std::string& table) {
  std::string source = "JSON_TABLE(?, '$[*]' COLUMNS (";
  std::string columns;
  std::string values;
  const ColumnType& key = plan_.targets.front().column;
  // The UPDATE needs an assignment even when the file has only keys.
  std::string assignments = "p." + quotedIdentifier(key.name) + " = p." + quotedIdentifier(key.name);
  for (std::size_t i = 0; i < plan_.targets.size(); ++i) {
    const ColumnType& column = plan_.targets[i].column;
    source += cellName(i) + " " + jsonTableType(column) + " PATH '$[" + std::to_string(i) + "]', ";
    columns += (i == 0 ? "" : ", ") + quotedIdentifier(column.name);
    values += (i == 0 ? "v." : ", v.") + cellName(i);
    if (i > 0) assignments += ", p." + quotedIdentifier(column.name) + " = v." + cellName(i);
  }
  source += "Reference BIGINT PATH '$[" + std::to_string(plan_.targets.size()) + "]')) v";
  if (plan_.referenceField) {
    const std::string column = quotedIdentifier(configuration_.reference->column);
    const bool nullable = plan_.referenceIsNullable;
    columns += ", " + column;
    values += nullable ? ", v.Reference" : ", COALESCE(v.Reference, 0)";
    assignments += ", p." + column + " = COALESCE(v.Reference, p." + column + ")";
  }
  insert_ =
      "INSERT INTO " + quotedIdentifier(table) + " (" + columns + ") SELECT " + values + " FROM " + source;
  // STRAIGHT_JOIN makes MariaDB look up the unique key once per row of the set, whatever its statistics say.
  update_ = "UPDATE " + source + " STRAIGHT_JOIN " + quotedIdentifier(table) + " p ON p." +
            quotedIdentifier(key.name) + " = " + comparable(key, "v.Cell0") + " SET " + assignments;
}

void ImportTable::buildReference(const platform::ImportReference& reference) {
  const std::string table = quotedIdentifier(connection_.names().prefix() + reference.table);
  const std::string parent = quotedIdentifier(reference.parentColumn);
  const std::string id = quotedIdentifier(reference.keyColumn);
  const ColumnType& name = plan_.referenceName;
  const std::string wanted = comparable(name, "v.Wanted");
  const std::string source = " FROM JSON_TABLE(?, '$[*]' COLUMNS (Ordinal FOR ORDINALITY, Wanted " +
                             jsonTableType(name) + " PATH '$')) v LEFT JOIN " + table + " c ON c." +
                             quotedIdentifier(name.name) + " = " + wanted + " AND c." + parent + " = 0";
  selectNames_ = "SELECT MIN(c." + id + ")" + source + " GROUP BY v.Ordinal ORDER BY v.Ordinal";
  insertNames_ = "INSERT INTO " + table + " (" + parent + ", " + quotedIdentifier(name.name) +
                 ") SELECT 0, MIN(v.Wanted)" + source + " WHERE c." + id + " IS NULL GROUP BY " + wanted +
                 " ORDER BY " + wanted;
}

ImportTable::Written ImportTable::write(const std::vector<ImportRow>& rows) {
  if (rows.empty()) return {};
  const ReferenceKeys references = referencesOf(rows);
  RowsText updates;
  RowsText inserts;
  Written written;
  for (store::Row& answer : connection_.queryText(lookup_, {keysOf(rows)})) {
    const auto last = static_cast<std::size_t>(answer.integer() - 1);
    const std::int64_t count = answer.integer();
    const bool isThere = answer.integer() != 0;
    (isThere ? updates : inserts).add(rows.at(last), references.at(last));
    bool isKnown = isThere;
    if (mode_ == Mode::Rehearsal && !isThere) {
      const std::uint64_t key = std::hash<std::string>{}(answer.text());
      isKnown = seen_.contains(key);
      if (!isKnown) written.newKeys.push_back(key);
    }
    written.imported += isKnown ? 0 : 1;
    written.updated += isKnown ? count : count - 1;
  }
  if (updates.count() > 0 && connection_.executeText(update_, {updates.text()}) != updates.count()) {
    throw Connection::Transient("a row was removed while it was being updated", false, false);
  }
  if (inserts.count() > 0) connection_.executeText(insert_, {inserts.text()});
  return written;
}

ImportTable::ReferenceKeys ImportTable::referencesOf(const std::vector<ImportRow>& rows) {
  ReferenceKeys ofRows(rows.size());
  json::Writer names;
  names.startArray();
  std::map<std::string_view, std::size_t> places;
  for (const ImportRow& row : rows) {
    if (row.reference.empty()) continue;
    if (places.emplace(row.reference, places.size()).second) names.value(row.reference);
  }
  if (places.empty()) return ofRows;
  const ReferenceKeys keys = lookUpNames(names.endArray().text());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!rows[i].reference.empty()) ofRows[i] = keys.at(places.at(rows[i].reference));
  }
  return ofRows;
}

ImportTable::ReferenceKeys ImportTable::lookUpNames(const std::string& names) {
  const auto select = [&] {
    ReferenceKeys keys;
    bool complete = true;
    for (store::Row& answer : connection_.queryText(selectNames_, {names})) {
      keys.push_back(answer.optionalInteger());
      complete = complete && keys.back();
    }
    return std::pair(std::move(keys), complete);
  };
  auto [keys, complete] = select();
  if (complete) return keys;
  connection_.executeText(insertNames_, {names});
  return select().first;
}

}  // namespace taskqueue::handlers
