// The mapping from CSV fields to columns, built once from the header row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "module/platform/configuration.h"
#include "runner/handlers/import/column_type.h"
#include "runner/handlers/import/csv_reader.h"

namespace taskqueue::handlers {

// A table whose engine cannot roll back.
struct TableWithoutRollback {
  std::string name;
  std::string engine;
};

struct HeaderPlan {
  struct Target {
    std::size_t field = 0;
    ColumnType column;
  };

  std::vector<std::string> headers;  // every row must have as many fields
  std::vector<Target> targets;       // the key first
  std::optional<std::size_t> referenceField;
  ColumnType referenceName;  // type of the column that holds the referenced name
  bool referenceIsNullable = false;
  std::vector<TableWithoutRollback> withoutRollback;  // only tables that the import writes
  std::vector<std::string> ignored;                   // headers that no column is configured for
  std::string hash;                                   // of the header row
};

// Throws GiveUp: csv_header when the header is unusable, database_schema when the tables are. Both errors
// list everything that is missing and everything that exists.
HeaderPlan makePlan(const CsvRow& header, const platform::ImportConfiguration& configuration,
                    store::Connection& connection);

// A row as it will be written.
struct ImportRow {
  std::vector<std::optional<std::string>> cells;  // in the order of the plan's targets
  std::string reference;                          // a name; empty: no reference
  std::size_t bytes() const;
};

// Returns the row, or why it is skipped. Moves the fields out of `row`, but leaves those of a skipped row
// there.
std::variant<ImportRow, std::string> rowOf(CsvRow& row, const HeaderPlan& plan);

}  // namespace taskqueue::handlers
