#include "runner/handlers/product_import/product_tables.h"

#include <map>
#include <utility>

#include "module/json/writer.h"
#include "runner/handlers/task_handler.h"

namespace taskqueue::handlers {
namespace {

using store::Connection;

std::string quoted(const std::string& identifier) {
  return "`" + identifier + "`";
}

std::string cellName(std::size_t index) {
  return "Cell" + std::to_string(index);
}

// An index over more columns, or over the beginning of one, does not keep a key from standing twice.
const std::string kSelectUniqueIndexes =
    "SELECT INDEX_NAME FROM information_schema.STATISTICS"
    " WHERE TABLE_SCHEMA=DATABASE() AND TABLE_NAME=? AND NON_UNIQUE=0"
    " GROUP BY INDEX_NAME HAVING COUNT(*)=1 AND MAX(COLUMN_NAME)=? AND MAX(SUB_PART) IS NULL";

void requireUniqueKey(Connection& connection, const std::string& table, const std::string& column) {
  if (!connection.queryText(kSelectUniqueIndexes, {table, column}).empty()) return;
  throw GiveUp("database_schema",
               "the column " + column + " of " + table +
                   " needs a UNIQUE key of its own: without it products could stand there twice");
}

// All rows of a set, with their category's id behind the cells, as the statements' one parameter.
class RowsText {
 public:
  RowsText() { writer_.startArray(); }

  void add(const ProductRow& row, const std::optional<std::int64_t>& category) {
    writer_.startArray();
    for (const auto& cell : row.cells) writer_.value(cell);
    writer_.value(category).endArray();
    ++count_;
  }
  std::int64_t count() const { return count_; }
  std::string text() { return writer_.endArray().text(); }

 private:
  json::Writer writer_;
  std::int64_t count_ = 0;
};

std::string keysOf(const std::vector<ProductRow>& rows) {
  json::Writer keys;
  keys.startArray();
  for (const ProductRow& row : rows) keys.value(row.cells.front());
  return keys.endArray().text();
}

}  // namespace

ProductTables::ProductTables(Connection& connection,
                             const platform::ProductImportConfiguration& configuration,
                             const HeaderPlan& plan)
    : connection_(connection), plan_(plan) {
  const std::string& prefix = connection.names().prefix();
  const std::string products = prefix + configuration.productsTable;
  requireUniqueKey(connection, products, configuration.keyColumn);
  buildLookup(products);
  buildWriting(products, plan.categoryField ? configuration.categoryColumn : "");
  if (plan.categoryField) buildCategories(prefix + configuration.categoriesTable, configuration);
}

// Which row of each key is its last, how many it has, and whether the product is there. In the order of the
// keys, so that two imports lock the same products in the same order.
void ProductTables::buildLookup(const std::string& products) {
  const ColumnType& key = plan_.targets.front().column;
  const std::string wanted = comparable(key, "v.Wanted");
  const std::string there = "p." + quoted(key.name);
  lookup_ = "SELECT MAX(v.Ordinal), COUNT(*), MAX(" + there +
            " IS NOT NULL) FROM JSON_TABLE(?, '$[*]' COLUMNS (Ordinal FOR ORDINALITY, Wanted " +
            jsonTableType(key) + " PATH '$')) v LEFT JOIN " + quoted(products) + " p ON " + there + " = " +
            wanted + " GROUP BY " + wanted + " ORDER BY " + wanted;
}

void ProductTables::buildWriting(const std::string& products, const std::string& categoryColumn) {
  std::string source = "JSON_TABLE(?, '$[*]' COLUMNS (";
  std::string columns;
  std::string values;
  const ColumnType& key = plan_.targets.front().column;
  // Something must be set even where the file has only keys.
  std::string assignments = "p." + quoted(key.name) + " = p." + quoted(key.name);
  for (std::size_t i = 0; i < plan_.targets.size(); ++i) {
    const ColumnType& column = plan_.targets[i].column;
    source += cellName(i) + " " + jsonTableType(column) + " PATH '$[" + std::to_string(i) + "]', ";
    columns += (i == 0 ? "" : ", ") + quoted(column.name);
    values += (i == 0 ? "v." : ", v.") + cellName(i);
    if (i > 0) assignments += ", p." + quoted(column.name) + " = v." + cellName(i);
  }
  source += "Category BIGINT PATH '$[" + std::to_string(plan_.targets.size()) + "]')) v";
  if (!categoryColumn.empty()) {
    const std::string column = quoted(categoryColumn);
    const bool nullable = columnType(connection_, products, categoryColumn).nullable;
    columns += ", " + column;
    values += nullable ? ", v.Category" : ", COALESCE(v.Category, 0)";
    assignments += ", p." + column + " = COALESCE(v.Category, p." + column + ")";
  }
  insert_ = "INSERT INTO " + quoted(products) + " (" + columns + ") SELECT " + values + " FROM " + source;
  // STRAIGHT_JOIN: by the unique key once for each row of the set, whatever the statistics say.
  update_ = "UPDATE " + source + " STRAIGHT_JOIN " + quoted(products) + " p ON p." + quoted(key.name) +
            " = " + comparable(key, "v.Cell0") + " SET " + assignments;
}

void ProductTables::buildCategories(const std::string& table,
                                    const platform::ProductImportConfiguration& configuration) {
  const ColumnType& name = plan_.categoryName;
  const std::string id = quoted(configuration.categoryKeyColumn);
  const std::string wanted = comparable(name, "v.Wanted");
  const std::string source = " FROM JSON_TABLE(?, '$[*]' COLUMNS (Ordinal FOR ORDINALITY, Wanted " +
                             jsonTableType(name) + " PATH '$')) v LEFT JOIN " + quoted(table) + " c ON c." +
                             quoted(name.name) + " = " + wanted + " AND c.ParentId = 0";
  selectCategories_ = "SELECT MIN(c." + id + ")" + source + " GROUP BY v.Ordinal ORDER BY v.Ordinal";
  insertCategories_ = "INSERT INTO " + quoted(table) + " (ParentId, " + quoted(name.name) +
                      ") SELECT 0, MIN(v.Wanted)" + source + " WHERE c." + id + " IS NULL GROUP BY " +
                      wanted + " ORDER BY " + wanted;
}

ProductTables::Written ProductTables::write(const std::vector<ProductRow>& rows) {
  if (rows.empty()) return {};
  const CategoryIds categories = categoriesOf(rows);
  RowsText updates;
  RowsText inserts;
  Written written;
  for (store::Row& answer : connection_.queryText(lookup_, {keysOf(rows)})) {
    const auto last = static_cast<std::size_t>(answer.integer() - 1);
    const std::int64_t count = answer.integer();
    const bool isThere = answer.integer() != 0;
    (isThere ? updates : inserts).add(rows.at(last), categories.at(last));
    written.imported += isThere ? 0 : 1;
    written.updated += isThere ? count : count - 1;
  }
  if (updates.count() > 0 && connection_.executeText(update_, {updates.text()}) != updates.count()) {
    throw Connection::Transient("a product was removed while it was being updated", false, false);
  }
  if (inserts.count() > 0) connection_.executeText(insert_, {inserts.text()});
  return written;
}

ProductTables::CategoryIds ProductTables::categoriesOf(const std::vector<ProductRow>& rows) {
  CategoryIds ofRows(rows.size());
  json::Writer names;
  names.startArray();
  std::map<std::string_view, std::size_t> places;
  for (const ProductRow& row : rows) {
    if (row.category.empty()) continue;
    if (places.emplace(row.category, places.size()).second) names.value(row.category);
  }
  if (places.empty()) return ofRows;
  const CategoryIds ids = lookUpCategories(names.endArray().text());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!rows[i].category.empty()) ofRows[i] = ids.at(places.at(rows[i].category));
  }
  return ofRows;
}

ProductTables::CategoryIds ProductTables::lookUpCategories(const std::string& names) {
  const auto select = [&] {
    CategoryIds ids;
    bool complete = true;
    for (store::Row& answer : connection_.queryText(selectCategories_, {names})) {
      ids.push_back(answer.optionalInteger());
      complete = complete && ids.back();
    }
    return std::pair(std::move(ids), complete);
  };
  auto [ids, complete] = select();
  if (complete) return ids;
  connection_.executeText(insertCategories_, {names});
  return select().first;
}

}  // namespace taskqueue::handlers
