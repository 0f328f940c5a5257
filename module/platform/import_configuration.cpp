#include "module/platform/import_configuration.h"

#include <algorithm>
#include <array>
#include <set>

#include "module/platform/setting_kinds.h"

namespace taskqueue::platform {
namespace {

constexpr std::array<std::string_view, 8> kImportSettings{
    "table",      "key_column",  "directory",      "required_columns",
    "chunk_rows", "field_bytes", "skipped_listed", "skipped_bytes"};

// The handlers of runner/handlers/shipped.cpp. Imports must not take their names.
constexpr std::array<std::string_view, 10> kShippedHandlers{
    "Noop",          "Echo",     "BulkRetry",  "BulkCancel",  "Webhook", "CategoryPermissionCache",
    "ProductImport", "SendMail", "EmailQueue", "NotifyByMail"};

void readSizes(SettingsFile& file, ImportConfiguration& to) {
  to.chunkRows = static_cast<int>(file.number(to.section + ".chunk_rows", to.chunkRows, 1, 10000));
  to.fieldBytes = file.number(to.section + ".field_bytes", to.fieldBytes, 64, 4 << 20);
  to.skippedListed =
      static_cast<int>(file.number(to.section + ".skipped_listed", to.skippedListed, 0, 10000));
  to.skippedBytes = file.number(to.section + ".skipped_bytes", to.skippedBytes, 0, 16 << 20);
}

bool isFilled(const ImportConfiguration& import, const std::string& column) {
  return std::any_of(import.columns.begin(), import.columns.end(),
                     [&](const auto& mapped) { return mapped.second == column; });
}

void readColumns(SettingsFile& file, ImportConfiguration& to) {
  const auto headers = file.namesIn(to.columnsSection);
  if (!headers.empty()) to.columns.clear();
  for (const std::string& header : headers) {
    to.columns[header] = identifier(file, to.columnsSection + "." + header, "", false);
  }
  if (!isFilled(to, to.keyColumn)) {
    file.refuse(to.section + ".key_column", "must be one of the columns in [" + to.columnsSection + "]");
  }
}

void readRequired(SettingsFile& file, ImportConfiguration& to, const std::vector<std::string>& defaultValue) {
  const std::string key = to.section + ".required_columns";
  to.requiredColumns = file.words(key, defaultValue);
  for (const std::string& column : to.requiredColumns) {
    if (!isFilled(to, column)) file.refuse(key, "names " + column + ", which no header fills");
  }
}

ImportConfiguration productImport(SettingsFile& file, const std::string& directory) {
  ImportConfiguration to;
  to.taskHandlerClass = "ProductImport";
  to.section = "product_import";
  to.columnsSection = "product_columns";
  to.directory = directory;
  to.columns = {{"Code", "ProductCode"}, {"Name", "Name"},     {"Description", "Description"},
                {"Price", "Price"},      {"Weight", "Weight"}, {"Manufacturer", "Manufacturer"}};
  to.table = identifier(file, "product_import.products_table", "Products", false);
  to.keyColumn = identifier(file, "product_import.key_column", "ProductCode", false);
  ImportReference category;
  category.table = identifier(file, "product_import.categories_table", category.table, false);
  category.column = identifier(file, "product_import.category_column", category.column, false);
  category.nameColumn = identifier(file, "product_import.category_name_column", category.nameColumn, false);
  category.keyColumn = identifier(file, "product_import.category_key_column", category.keyColumn, false);
  category.header = file.text("product_import.category_header", category.header);
  to.reference = category;
  readSizes(file, to);
  readColumns(file, to);
  readRequired(file, to, {to.keyColumn});
  return to;
}

ImportConfiguration declaredImport(SettingsFile& file, const std::string& name,
                                   const std::string& directory) {
  ImportConfiguration to;
  to.taskHandlerClass = name;
  to.section = "import." + name;
  to.columnsSection = "import_columns." + name;
  constexpr std::size_t kLongestName = 100;
  const bool fits = name.size() <= kLongestName && isIdentifier(name);
  const bool isTaken =
      std::find(kShippedHandlers.begin(), kShippedHandlers.end(), name) != kShippedHandlers.end();
  if (!fits || isTaken) {
    file.refuse(to.section,
                "must have another name: at most 100 letters, digits and '_', and not a shipped handler's");
  }
  refuseOthers(file, to.section, kImportSettings);
  to.directory = absolutePath(file, to.section + ".directory", directory);
  if (to.directory.empty()) {
    file.refuse(to.section + ".directory", "is missing: CSV files are read below it");
  }
  to.table = identifier(file, to.section + ".table", "", false);
  to.keyColumn = identifier(file, to.section + ".key_column", "", false);
  readSizes(file, to);
  readColumns(file, to);
  std::set<std::string> all;
  for (const auto& [header, column] : to.columns) all.insert(column);
  readRequired(file, to, {all.begin(), all.end()});
  return to;
}

}  // namespace

std::vector<ImportConfiguration> readImports(SettingsFile& file) {
  const std::string directory = absolutePath(file, "product_import.directory");
  std::vector<ImportConfiguration> imports;
  ImportConfiguration products = productImport(file, directory);
  if (!directory.empty()) imports.push_back(std::move(products));
  for (const std::string& name : file.sectionsOf("import")) {
    imports.push_back(declaredImport(file, name, directory));
  }
  return imports;
}

}  // namespace taskqueue::platform
