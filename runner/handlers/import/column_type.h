// What a column of the CMS's tables can hold, so that a value that does not fit is refused with its line
// number before the database refuses the whole chunk.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "runner/handlers/cms_table.h"

namespace taskqueue::handlers {

struct ColumnType {
  enum class Kind { Text, WholeNumber, Decimal };

  std::string name;
  Kind kind = Kind::Text;
  std::string type;  // as in CREATE TABLE
  bool nullable = false;

  // Text
  std::string collation;
  std::int64_t characters = 0;
  std::int64_t bytes = 0;
  int widestCharacter = 4;  // bytes

  // Numbers
  bool negative = true;
  int wholeDigits = 0;  // of a Decimal, before the point
  int scale = -1;       // of a Decimal, behind it; -1: as many as a double has
  int bits = 0;         // of a WholeNumber
};

// Throws GiveUp database_schema when the column is missing or of a type that CSV text cannot fill.
ColumnType columnType(const CmsTable& table, const std::string& column);

// Why the column cannot hold the value; nothing when it can.
std::optional<std::string> problemOf(const ColumnType& column, std::string_view value);

// What to write for a value that fits: NULL for an empty number.
std::optional<std::string> cellOf(const ColumnType& column, std::string value);

// The column's type inside JSON_TABLE, and an expression over `column` there that can be compared with the
// table's column through its index: without the collation MariaDB refuses the comparison.
std::string jsonTableType(const ColumnType& column);
std::string comparable(const ColumnType& column, const std::string& expression);

}  // namespace taskqueue::handlers
