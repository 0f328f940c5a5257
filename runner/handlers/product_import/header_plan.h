// Which field of the CSV goes into which column, decided once from the header row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "module/platform/configuration.h"
#include "runner/handlers/product_import/column_type.h"
#include "runner/handlers/product_import/csv_reader.h"

namespace taskqueue::handlers {

struct HeaderPlan {
  struct Target {
    std::size_t field = 0;
    ColumnType column;
  };

  std::size_t fields = 0;       // that every row must have
  std::vector<Target> targets;  // the key first
  std::optional<std::size_t> categoryField;
  ColumnType categoryName;           // where categoryField is
  std::vector<std::string> ignored;  // headers that no column is configured for
  std::string hash;                  // of the header row
};

// Throws GiveUp: csv_header when the header does not serve, database_schema when the columns do not.
HeaderPlan planOf(const CsvRow& header, const platform::ProductImportConfiguration& configuration,
                  store::Connection& connection);

// A row as it will be written.
struct ProductRow {
  std::vector<std::optional<std::string>> cells;  // in the order of the plan's targets
  std::string category;                           // empty: none
  std::size_t bytes() const;
};

// The row, or why it is skipped. Moves the fields out of `row`.
std::variant<ProductRow, std::string> productOf(CsvRow& row, const HeaderPlan& plan);

}  // namespace taskqueue::handlers
