// A table of the CMS as it stands in the database, looked at before a handler works on it. What does not fit
// is told with all that is missing and all that is there.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "module/store/connection.h"

namespace taskqueue::handlers {

struct CmsColumn {
  std::string name;
  std::string dataType;  // int, varchar, …
  std::string type;      // as in CREATE TABLE
  bool nullable = false;
  bool hasDefault = false;  // or a value of its own: AUTO_INCREMENT
  bool isComputed = false;
  std::string characterSet;  // of a text
  std::string collation;
  std::int64_t characters = 0;
  std::int64_t bytes = 0;
  int precision = 0;  // of a number
  int scale = 0;
};

class CmsTable {
 public:
  // `name` is the full one; `section` of the configuration names the table. Throws StoreError, and GiveUp
  // database_schema when there is no such table.
  CmsTable(store::Connection& connection, std::string name, std::string section);

  const std::string& name() const { return name_; }
  const std::string& section() const { return section_; }
  const std::vector<CmsColumn>& columns() const { return columns_; }
  const std::string& engine() const { return engine_; }
  // False, as for MyISAM and Aria: each statement is done for good, whatever its transaction comes to.
  bool rollsBack() const { return rollsBack_; }

  // Throws GiveUp database_schema that lists those that the table does not have.
  void require(const std::vector<std::string>& columns) const;
  // As require().
  const CmsColumn& column(const std::string& name) const;

 private:
  const CmsColumn* find(std::string_view name) const;

  std::string name_;
  std::string section_;
  std::string engine_;
  bool rollsBack_ = false;
  std::vector<CmsColumn> columns_;
};

// An identifier for SQL text. The configuration has checked that it has no other than harmless characters.
inline std::string quotedIdentifier(const std::string& identifier) {
  return "`" + identifier + "`";
}

}  // namespace taskqueue::handlers
