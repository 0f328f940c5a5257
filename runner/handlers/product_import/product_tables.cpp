#include "runner/handlers/product_import/product_tables.h"

#include "module/json/writer.h"

namespace taskqueue::handlers {
namespace {

std::string quoted(const std::string& name) { return "`" + name + "`"; }

}  // namespace

ProductTables::ProductTables(store::Connection& connection,
                             const platform::ProductImportConfiguration& configuration, const HeaderPlan& plan)
    : connection_(connection), plan_(plan) {
  const std::string prefix = connection.names().prefix();
  const std::string products = quoted(prefix + configuration.productsTable);
  const std::string categories = quoted(prefix + configuration.categoriesTable);
  const ColumnType& key = plan.targets.front().column;

  std::string columns;
  std::string names;
  std::string values;
  std::string assignments;
  for (std::size_t i = 0; i < plan.targets.size(); ++i) {
    const ColumnType& column = plan.targets[i].column;
    const std::string cell = "c" + std::to_string(i);
    columns += (i == 0 ? "" : ", ") + cell + " " + jsonTableType(column) + " PATH '$[" + std::to_string(i) + "]'";
    names += (i == 0 ? "" : ", ") + quoted(column.name);
    values += (i == 0 ? "v." : ", v.") + cell;
    if (i > 0) assignments += (assignments.empty() ? "p." : ", p.") + quoted(column.name) + " = v." + cell;
  }
  if (plan.categoryField) {
    columns += ", category INT PATH '$[" + std::to_string(plan.targets.size()) + "]'";
    names += ", " + quoted(configuration.categoryColumn);
    values += ", COALESCE(v.category, 0)";
    assignments += (assignments.empty() ? "p." : ", p.") + quoted(configuration.categoryColumn) +
                   " = COALESCE(v.category, 0)";
  }
  const std::string rows = "JSON_TABLE(?, '$[*]' COLUMNS (ordinal FOR ORDINALITY, " + columns + ")) v";
  const std::string sameKey = "p." + quoted(key.name) + " = " + comparable(key, "v.c0");
  findKeys_ = "SELECT v.ordinal FROM " + rows + " STRAIGHT_JOIN " + products + " p ON " + sameKey;
  if (!assignments.empty()) {
    update_ = "UPDATE " + rows + " STRAIGHT_JOIN " + products + " p ON " + sameKey + " SET " + assignments;
  }
  insert_ = "INSERT INTO " + products + " (" + names + ") SELECT " + values + " FROM " + rows;
  findCategory_ = "SELECT " + quoted(configuration.categoryKeyColumn) + " FROM " + categories + " WHERE " +
                  quoted(configuration.categoryNameColumn) + " = ? ORDER BY 1 LIMIT 1";
  insertCategory_ = "INSERT INTO " + categories + " (" + quoted(configuration.categoryNameColumn) +
                    ") VALUES (?) RETURNING " + quoted(configuration.categoryKeyColumn);
}

std::int64_t ProductTables::categoryId(const std::string& name) {
  if (const auto known = categories_.find(name); known != categories_.end()) return known->second;
  auto found = connection_.queryText(findCategory_, {name});
  if (found.empty()) found = connection_.queryText(insertCategory_, {name});
  const std::int64_t id = found.at(0).integer();
  categories_.emplace(name, id);
  return id;
}

std::string ProductTables::asJson(const std::vector<const ProductRow*>& rows) {
  json::Writer to;
  to.startArray();
  for (const ProductRow* row : rows) {
    to.startArray();
    for (const auto& cell : row->cells) to.value(cell);
    if (plan_.categoryField) {
      if (row->category.empty()) {
        to.null();
      } else {
        to.value(categoryId(row->category));
      }
    }
    to.endArray();
  }
  return to.endArray().text();
}

std::vector<bool> ProductTables::existing(const std::vector<const ProductRow*>& rows) {
  std::vector<bool> found(rows.size());
  for (store::Row& row : connection_.queryText(findKeys_, {asJson(rows)})) {
    found.at(static_cast<std::size_t>(row.integer() - 1)) = true;
  }
  return found;
}

WrittenCounts ProductTables::write(const std::vector<ProductRow>& rows) {
  std::vector<const ProductRow*> distinct;
  std::unordered_map<std::string, std::size_t> placeOfKey;
  WrittenCounts counts;
  for (const ProductRow& row : rows) {
    const std::string& key = row.cells.front().value();
    const auto [place, isNew] = placeOfKey.emplace(key, distinct.size());
    if (isNew) {
      distinct.push_back(&row);
    } else {
      distinct[place->second] = &row;
      ++counts.updated;
    }
  }
  const std::vector<bool> exists = existing(distinct);
  std::vector<const ProductRow*> old;
  std::vector<const ProductRow*> fresh;
  for (std::size_t i = 0; i < distinct.size(); ++i) (exists[i] ? old : fresh).push_back(distinct[i]);
  if (!old.empty() && !update_.empty()) connection_.executeText(update_, {asJson(old)});
  if (!fresh.empty()) connection_.executeText(insert_, {asJson(fresh)});
  counts.updated += static_cast<std::int64_t>(old.size());
  counts.imported += static_cast<std::int64_t>(fresh.size());
  return counts;
}

}  // namespace taskqueue::handlers
