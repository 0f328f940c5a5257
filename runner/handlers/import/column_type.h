// The values that a column of a CMS table can hold. A value that does not fit is reported with its line
// number, before the database rejects the whole chunk.
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

  // These members are set for text columns.
  std::string collation;
  std::int64_t characters = 0;
  std::int64_t bytes = 0;
  int widestCharacter = 4;  // bytes

  // These members are set for numeric columns.
  bool negative = true;
  int wholeDigits = 0;  // digits before the point of a Decimal
  int scale = -1;       // digits after the point of a Decimal; -1: as many as a double has
  int bits = 0;         // size of a WholeNumber
};

// Throws GiveUp database_schema when the column is missing, or has a type that CSV text cannot fill.
ColumnType columnType(const CmsTable& table, const std::string& column);

// Returns why the column cannot hold the value, or nothing when it can.
std::optional<std::string> findProblem(const ColumnType& column, std::string_view value);

// Returns the text to write for a value that fits; nothing means NULL, for an empty number.
std::optional<std::string> cellOf(const ColumnType& column, std::string value);

// The column's type inside JSON_TABLE, and an expression over `column` there that can use the index of the
// table's column. Without the collation MariaDB rejects the comparison.
std::string jsonTableType(const ColumnType& column);
std::string comparable(const ColumnType& column, const std::string& expression);

}  // namespace taskqueue::handlers
