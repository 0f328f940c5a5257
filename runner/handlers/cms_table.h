// The definition of a CMS table, read from the database before a handler works on it. An error lists all
// missing columns and all existing ones.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "module/store/database/connection.h"

namespace taskqueue::handlers {

struct CmsColumn {
  std::string name;
  std::string dataType;  // int, varchar, …
  std::string type;      // as in CREATE TABLE
  bool nullable = false;
  bool hasDefault = false;  // also true for AUTO_INCREMENT
  bool isComputed = false;
  std::string characterSet;  // set for text columns
  std::string collation;
  std::int64_t characters = 0;
  std::int64_t bytes = 0;
  int precision = 0;  // set for numeric columns
  int scale = 0;
};

class CmsTable {
 public:
  // `name` includes the table prefix; `section` is the configuration section that names the table. Throws
  // StoreError, and GiveUp database_schema when the table does not exist.
  CmsTable(store::Connection& connection, std::string name, std::string section);

  const std::string& name() const { return name_; }
  const std::string& section() const { return section_; }
  const std::vector<CmsColumn>& columns() const { return columns_; }
  const std::string& engine() const { return engine_; }
  // Returns false for engines without transactions, such as MyISAM and Aria: a ROLLBACK does not undo their
  // changes.
  bool rollsBack() const { return rollsBack_; }

  // Throws GiveUp database_schema with a list of the columns that the table lacks.
  void require(const std::vector<std::string>& columns) const;
  // Throws as require() does.
  const CmsColumn& column(const std::string& name) const;

 private:
  const CmsColumn* find(std::string_view name) const;

  std::string name_;
  std::string section_;
  std::string engine_;
  bool rollsBack_ = false;
  std::vector<CmsColumn> columns_;
};

// Quotes an identifier for SQL text. The configuration has checked that it contains only harmless characters.
inline std::string quotedIdentifier(const std::string& identifier) {
  return "`" + identifier + "`";
}

}  // namespace taskqueue::handlers
