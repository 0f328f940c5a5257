// Imports that the configuration declares: ProductImport, and one handler for each section [import.NAME].
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "module/platform/settings_file.h"

namespace taskqueue::platform {

// A column that holds another table's key where the file has that row's name. A name that is missing there is
// added. All tables stand here without the site's prefix.
struct ImportReference {
  std::string header = "Category";
  std::string column = "CategoryId";  // of the import's table
  std::string table = "Categories";
  std::string keyColumn = "CategoryId";
  std::string nameColumn = "Name";
  std::string parentColumn = "ParentId";  // only rows with 0 there are looked at
};

struct ImportConfiguration {
  std::string taskHandlerClass;
  std::string section;                         // of the configuration, for messages
  std::string columnsSection;                  // likewise
  std::string directory;                       // CSV files are read below it
  std::string table;                           // without the table prefix
  std::string keyColumn;                       // tells rows apart
  std::map<std::string, std::string> columns;  // CSV header → column; several headers can name one column
  std::vector<std::string> requiredColumns;    // that a file must fill; the key column besides
  std::optional<ImportReference> reference;
  int chunkRows = 500;                  // of one transaction
  std::int64_t fieldBytes = 1 << 20;    // of one field at the most
  int skippedListed = 100;              // in Results
  std::int64_t skippedBytes = 4 << 20;  // of the file with the skipped lines
};

// Those that are offered: ProductImport only where its directory is set. Throws ConfigurationError.
std::vector<ImportConfiguration> importsOf(SettingsFile& file);

}  // namespace taskqueue::platform
