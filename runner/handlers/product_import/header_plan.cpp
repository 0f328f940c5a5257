#include "runner/handlers/product_import/header_plan.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <utility>

#include "runner/handlers/product_import/utf8.h"
#include "runner/handlers/task_handler.h"

namespace taskqueue::handlers {
namespace {

constexpr std::size_t kShownBytes = 60;

// FNV-1a: only to notice that the header is another one.
std::string hashOf(const std::vector<std::string>& fields) {
  std::uint64_t hash = 14695981039346656037U;
  const auto add = [&hash](unsigned char byte) { hash = (hash ^ byte) * 1099511628211U; };
  for (const std::string& field : fields) {
    for (const char c : field) add(static_cast<unsigned char>(c));
    add(0xFF);  // stands in no UTF-8 text, so it separates the fields
  }
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), hash, 16).ptr;
  return {digits.data(), end};
}

void refuseTwice(const std::vector<std::string>& headers, const HeaderPlan& plan) {
  std::set<std::string> columns;
  for (const auto& target : plan.targets) {
    if (columns.insert(target.column.name).second) continue;
    throw GiveUp("csv_header", "two headers of the file fill the column " + target.column.name +
                                   ", one of them \"" + excerptOf(headers[target.field], kShownBytes) +
                                   "\"; remove one");
  }
}

void putKeyFirst(HeaderPlan& plan, const platform::ProductImportConfiguration& configuration) {
  const auto key = std::find_if(
      plan.targets.begin(), plan.targets.end(),
      [&](const HeaderPlan::Target& target) { return target.column.name == configuration.keyColumn; });
  if (key != plan.targets.end()) {
    std::iter_swap(plan.targets.begin(), key);
    return;
  }
  std::string headers;
  for (const auto& [header, column] : configuration.columns) {
    if (column == configuration.keyColumn) headers += (headers.empty() ? "\"" : " or \"") + header + "\"";
  }
  throw GiveUp("csv_header", "the first row of the file has no header " + headers +
                                 ", which tells the products apart; add it, separated by commas");
}

}  // namespace

HeaderPlan planOf(const CsvRow& header, const platform::ProductImportConfiguration& configuration,
                  store::Connection& connection) {
  const std::string& prefix = connection.names().prefix();
  HeaderPlan plan;
  plan.fields = header.fields.size();
  plan.hash = hashOf(header.fields);
  for (std::size_t field = 0; field < header.fields.size(); ++field) {
    const std::string& name = header.fields[field];
    const auto mapped = configuration.columns.find(name);
    if (name == configuration.categoryHeader) {
      if (plan.categoryField)
        throw GiveUp("csv_header", "the header \"" + name + "\" stands twice; remove one");
      plan.categoryField = field;
    } else if (mapped != configuration.columns.end()) {
      plan.targets.push_back({field, {}});
      plan.targets.back().column.name = mapped->second;
    } else {
      plan.ignored.push_back(excerptOf(name, kShownBytes));
    }
  }
  refuseTwice(header.fields, plan);
  putKeyFirst(plan, configuration);
  for (auto& target : plan.targets) {
    target.column = columnType(connection, prefix + configuration.productsTable, target.column.name);
  }
  if (plan.categoryField) {
    plan.categoryName =
        columnType(connection, prefix + configuration.categoriesTable, configuration.categoryNameColumn);
  }
  return plan;
}

std::size_t ProductRow::bytes() const {
  std::size_t sum = category.size();
  for (const auto& cell : cells) sum += sizeof(cell) + (cell ? cell->size() : 0);
  return sum;
}

std::variant<ProductRow, std::string> productOf(CsvRow& row, const HeaderPlan& plan) {
  if (row.fields.size() != plan.fields) {
    return "has " + std::to_string(row.fields.size()) + " fields where the header has " +
           std::to_string(plan.fields);
  }
  const auto& key = plan.targets.front();
  if (row.fields[key.field].find_first_not_of(' ') == std::string::npos) return key.column.name + " is empty";
  ProductRow product;
  for (const auto& [field, column] : plan.targets) {
    std::string& value = row.fields[field];
    if (auto problem = problemOf(column, value)) return std::move(*problem);
    product.cells.push_back(cellOf(column, std::move(value)));
  }
  if (plan.categoryField) {
    std::string& category = row.fields[*plan.categoryField];
    if (const auto problem = problemOf(plan.categoryName, category)) return "category: " + *problem;
    product.category = std::move(category);
  }
  return product;
}

}  // namespace taskqueue::handlers
