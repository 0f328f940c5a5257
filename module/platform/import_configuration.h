// The imports of the configuration: ProductImport, and one handler for each section [import.NAME].
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "module/platform/settings_file.h"

namespace taskqueue::platform {

// A column with a key of another table, for which the file has the name of that table's row. A missing row is
// added. Table names have no prefix here.
struct ImportReference {
  std::string header = "Category";
  std::string column = "CategoryId";  // column of the import's table
  std::string table = "Categories";
  std::string keyColumn = "CategoryId";
  std::string nameColumn = "Name";
  std::string parentColumn = "ParentId";  // only rows with 0 in this column are searched
};

struct ImportConfiguration {
  std::string taskHandlerClass;
  std::string section;                         // section of the configuration, for messages
  std::string columnsSection;                  // section of its columns, for messages
  std::string directory;                       // directory of the CSV files
  std::string table;                           // without the table prefix
  std::string keyColumn;                       // identifies the rows
  std::map<std::string, std::string> columns;  // CSV header → column; several headers can name one column
  std::vector<std::string> requiredColumns;    // must be filled, like the key column
  std::optional<ImportReference> reference;
  int chunkRows = 500;                  // rows of one transaction
  std::int64_t fieldBytes = 1 << 20;    // largest field
  int skippedListed = 100;              // skipped lines listed in Results
  std::int64_t skippedBytes = 4 << 20;  // largest file with the skipped lines
};

// Returns the imports that are offered. ProductImport is one only if its directory is set. Throws
// ConfigurationError.
std::vector<ImportConfiguration> readImports(SettingsFile& file);

}  // namespace taskqueue::platform
