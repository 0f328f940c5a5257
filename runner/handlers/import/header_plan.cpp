#include "runner/handlers/import/header_plan.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <utility>

#include "runner/handlers/import/utf8.h"
#include "runner/handlers/task_handler.h"

namespace taskqueue::handlers {
namespace {

constexpr std::size_t kShownBytes = 60;

// FNV-1a. The hash only detects that the header has changed.
std::string hashOf(const std::vector<std::string>& fields) {
  std::uint64_t hash = 14695981039346656037U;
  const auto add = [&hash](unsigned char byte) { hash = (hash ^ byte) * 1099511628211U; };
  for (const std::string& field : fields) {
    for (const char c : field) add(static_cast<unsigned char>(c));
    add(0xFF);  // this byte never occurs in UTF-8, so it separates the fields
  }
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), hash, 16).ptr;
  return {digits.data(), end};
}

void refuseTwice(const HeaderPlan& plan) {
  std::set<std::string> columns;
  for (const auto& target : plan.targets) {
    if (columns.insert(target.column.name).second) continue;
    throw GiveUp("csv_header", "two headers of the file fill the column " + target.column.name +
                                   ", one of them \"" + makeExcerpt(plan.headers[target.field], kShownBytes) +
                                   "\"; remove one");
  }
}

auto targetOf(HeaderPlan& plan, const std::string& column) {
  return std::find_if(plan.targets.begin(), plan.targets.end(),
                      [&](const HeaderPlan::Target& target) { return target.column.name == column; });
}

// Returns the headers that fill the column.
std::string headersOf(const std::string& column, const platform::ImportConfiguration& configuration) {
  std::string headers;
  for (const auto& [header, filled] : configuration.columns) {
    if (filled == column) headers += (headers.empty() ? "\"" : " or \"") + header + "\"";
  }
  return headers;
}

std::string shown(const std::vector<std::string>& headers) {
  constexpr std::size_t kMaxShown = 50;
  std::string list;
  for (std::size_t i = 0; i < std::min(headers.size(), kMaxShown); ++i) {
    list += (i == 0 ? "\"" : ", \"") + makeExcerpt(headers[i], kShownBytes) + "\"";
  }
  if (headers.size() > kMaxShown) list += " and " + std::to_string(headers.size() - kMaxShown) + " more";
  return list;
}

void requireHeaders(HeaderPlan& plan, const platform::ImportConfiguration& configuration) {
  std::vector<std::string> needed{configuration.keyColumn};
  for (const std::string& column : configuration.requiredColumns) {
    if (column != configuration.keyColumn) needed.push_back(column);
  }
  std::string missing;
  for (const std::string& column : needed) {
    if (targetOf(plan, column) != plan.targets.end()) continue;
    missing += (missing.empty() ? "" : ", ") + headersOf(column, configuration);
  }
  if (missing.empty()) return;
  const bool isOneField =
      plan.headers.size() == 1 && plan.headers[0].find_first_of(";\t|") != std::string::npos;
  throw GiveUp("csv_header", "the first row of the file lacks the headers " + missing + "; it has " +
                                 shown(plan.headers) +
                                 (isOneField ? ". Fields must be separated by commas"
                                             : ". Correct the file, or [" + configuration.columnsSection +
                                                   "] and required_columns in [" + configuration.section +
                                                   "] of the configuration"));
}

// Refuses columns that have no default and no header: the database would reject every new row.
void refuseUnfilled(const CmsTable& table, const HeaderPlan& plan,
                    const platform::ImportConfiguration& configuration) {
  std::set<std::string> filled;
  for (const auto& target : plan.targets) filled.insert(table.column(target.column.name).name);
  if (plan.referenceField) filled.insert(table.column(configuration.reference->column).name);
  std::string unfilled;
  for (const CmsColumn& column : table.columns()) {
    if (column.nullable || column.hasDefault || column.isComputed || filled.contains(column.name)) continue;
    unfilled += (unfilled.empty() ? "" : ", ") + column.name;
  }
  if (unfilled.empty()) return;
  throw GiveUp("database_schema", "the table " + table.name() + " wants a value for " + unfilled +
                                      ", which neither the file nor a DEFAULT gives: add a header, or a "
                                      "DEFAULT to the table");
}

// Compares the plan with the real tables before anything is written.
void findColumns(HeaderPlan& plan, const platform::ImportConfiguration& configuration,
                 store::Connection& connection) {
  const std::string& prefix = connection.names().prefix();
  const CmsTable table(connection, prefix + configuration.table, configuration.section);
  std::vector<std::string> wanted;
  for (const auto& target : plan.targets) wanted.push_back(target.column.name);
  if (plan.referenceField) wanted.push_back(configuration.reference->column);
  table.require(wanted);
  for (auto& target : plan.targets) target.column = columnType(table, target.column.name);
  if (plan.referenceField) {
    const platform::ImportReference& reference = *configuration.reference;
    const CmsTable other(connection, prefix + reference.table, configuration.section);
    other.require({reference.keyColumn, reference.nameColumn, reference.parentColumn});
    plan.referenceName = columnType(other, reference.nameColumn);
    plan.referenceIsNullable = columnType(table, reference.column).nullable;
    if (!other.rollsBack()) plan.withoutRollback.push_back({other.name(), other.engine()});
  }
  refuseUnfilled(table, plan, configuration);
  if (!table.rollsBack()) plan.withoutRollback.push_back({table.name(), table.engine()});
}

}  // namespace

HeaderPlan makePlan(const CsvRow& header, const platform::ImportConfiguration& configuration,
                    store::Connection& connection) {
  HeaderPlan plan;
  plan.headers = header.fields;
  plan.hash = hashOf(header.fields);
  for (std::size_t field = 0; field < header.fields.size(); ++field) {
    const std::string& name = header.fields[field];
    const auto mapped = configuration.columns.find(name);
    if (configuration.reference && name == configuration.reference->header) {
      if (plan.referenceField)
        throw GiveUp("csv_header", "the header \"" + name + "\" stands twice; remove one");
      plan.referenceField = field;
    } else if (mapped != configuration.columns.end()) {
      plan.targets.push_back({field, {}});
      plan.targets.back().column.name = mapped->second;
    } else {
      plan.ignored.push_back(makeExcerpt(name, kShownBytes));
    }
  }
  refuseTwice(plan);
  requireHeaders(plan, configuration);
  std::iter_swap(plan.targets.begin(), targetOf(plan, configuration.keyColumn));
  findColumns(plan, configuration, connection);
  return plan;
}

std::size_t ImportRow::bytes() const {
  std::size_t sum = reference.size();
  for (const auto& cell : cells) sum += sizeof(cell) + (cell ? cell->size() : 0);
  return sum;
}

namespace {

std::optional<std::string> findProblem(const CsvRow& row, const HeaderPlan& plan) {
  if (row.fields.size() != plan.headers.size()) {
    return "has " + std::to_string(row.fields.size()) + " fields where the header has " +
           std::to_string(plan.headers.size());
  }
  const auto& key = plan.targets.front();
  if (row.fields[key.field].find_first_not_of(' ') == std::string::npos) return key.column.name + " is empty";
  for (const auto& [field, column] : plan.targets) {
    if (auto problem = findProblem(column, row.fields[field])) return problem;
  }
  if (!plan.referenceField) return std::nullopt;
  const auto problem = findProblem(plan.referenceName, row.fields[*plan.referenceField]);
  return problem ? std::optional(plan.headers[*plan.referenceField] + ": " + *problem) : std::nullopt;
}

}  // namespace

std::variant<ImportRow, std::string> rowOf(CsvRow& row, const HeaderPlan& plan) {
  if (auto problem = findProblem(row, plan)) return std::move(*problem);
  ImportRow made;
  for (const auto& [field, column] : plan.targets) {
    made.cells.push_back(cellOf(column, std::move(row.fields[field])));
  }
  if (plan.referenceField) made.reference = std::move(row.fields[*plan.referenceField]);
  return made;
}

}  // namespace taskqueue::handlers
