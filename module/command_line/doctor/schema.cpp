// Checks indexes, statements and tables.
#include <algorithm>

#include "module/command_line/doctor/checks.h"
#include "module/queue/word_list.h"

namespace taskqueue::command_line::doctor {
namespace {

constexpr std::size_t kMaxNamed = 3;  // statements that a finding names

std::string namesOf(const std::vector<std::string>& all) {
  const auto named = std::min(all.size(), kMaxNamed);
  std::string text = wordList({all.begin(), all.begin() + static_cast<std::ptrdiff_t>(named)});
  if (all.size() > named) text += " and " + std::to_string(all.size() - named) + " more";
  return text;
}

}  // namespace

// An index that a statement forces is needed for it to work at all. Others make pages or deletions slow.
Findings checkIndexes(const Site& site) {
  Findings found;
  for (const IndexFault& fault : site.database->indexes) {
    Finding finding{.state = State::Warning,
                    .text = "the index is missing",
                    .place = fault.table + "." + fault.index,
                    .mend = fault.mend};
    if (!fault.found.empty()) finding.text = "the index has the columns " + fault.found;
    if (!fault.statements.empty()) {
      finding.state = State::Problem;
      finding.text +=
          (fault.found.empty() ? ", so these statements fail: " : ", which serve these statements badly: ") +
          namesOf(fault.statements);
    }
    found.push_back(std::move(finding));
  }
  return found;
}

Findings checkStatements(const Site& site) {
  Findings found;
  for (const StatementFault& fault : site.database->statements) {
    found.push_back({.state = State::Problem,
                     .text = "the server refuses the statement: " + fault.problem,
                     .place = fault.name,
                     .mend = "compare the table with sql/schema.sql, and add what was removed"});
  }
  return found;
}

// Names the largest table besides, whose size an administrator may want to know.
Findings checkTables(const Site& site) {
  Findings found;
  const auto& tables = site.database->tables;
  const auto largest =
      std::max_element(tables.begin(), tables.end(),
                       [](const TableState& a, const TableState& b) { return a.bytes < b.bytes; });
  if (largest != tables.end()) {
    constexpr std::int64_t kMegabyte = 1 << 20;
    found.push_back({.text = "the largest table has about " + std::to_string(largest->rows) + " rows and " +
                             std::to_string(largest->bytes / kMegabyte) + " MiB",
                     .place = largest->name});
  }
  for (const TableState& table : site.database->tables) {
    if (table.rowFormat != "Dynamic" && table.rowFormat != "Compressed") {
      found.push_back({.state = State::Warning,
                       .text = "the row format is " + table.rowFormat + ", which limits the length of keys",
                       .place = table.name,
                       .mend = "ALTER TABLE " + table.name + " ROW_FORMAT=DYNAMIC;"});
    }
    if (!table.collation.starts_with("utf8mb4_")) {
      found.push_back({.state = State::Warning,
                       .text = "new columns get the collation " + table.collation,
                       .place = table.name,
                       .mend = "ALTER TABLE " + table.name +
                               " DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;"});
    }
  }
  for (const ColumnFault& column : site.database->columns) {
    found.push_back({.state = State::Problem,
                     .text = "the column is " + column.characterSet + ", which refuses many characters",
                     .place = column.table + "." + column.column,
                     .mend = column.mend});
  }
  return found;
}

}  // namespace taskqueue::command_line::doctor
