// A configured import of customers, on a real database.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "module/store/maria_store.h"
#include "runner/handlers/import/table_import.h"
#include "tests/handlers/handler_run.h"
#include "tests/support/database_environment.h"

namespace taskqueue::handlers::tests {

inline constexpr const char* kImportDatabase = "table_import";

class TableImport : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { makeCmsDatabase(kImportDatabase); }

  TableImport() {
    std::filesystem::create_directories(directory_);
    sql("DROP TABLE IF EXISTS inp_Customers");
    sql("CREATE TABLE inp_Customers (CustomerId INT NOT NULL AUTO_INCREMENT, Code VARCHAR(20) NOT NULL "
        "DEFAULT '',"
        " Email VARCHAR(60) NULL, Credit DECIMAL(10,2) NOT NULL DEFAULT 0, Visits SMALLINT UNSIGNED NULL,"
        " Note TEXT NULL, PRIMARY KEY (CustomerId), UNIQUE KEY Code (Code), UNIQUE KEY Email (Email))"
        " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci");
    configuration_.taskHandlerClass = "CustomerImport";
    configuration_.section = "import.CustomerImport";
    configuration_.columnsSection = "import_columns.CustomerImport";
    configuration_.directory = directory_.string();
    configuration_.table = "Customers";
    configuration_.keyColumn = "Code";
    configuration_.columns = {{"Customer no.", "Code"}, {"Mail", "Email"},    {"E-Mail", "Email"},
                              {"Credit", "Credit"},     {"Visits", "Visits"}, {"Note", "Note"}};
    configuration_.requiredColumns = {"Code", "Email", "Credit"};
    configuration_.chunkRows = 3;
  }
  ~TableImport() override { std::filesystem::remove_all(directory_); }

  void sql(const std::string& text) { connection_.queryText(text); }
  std::int64_t number(const std::string& text) { return connection_.queryText(text).at(0).integer(); }
  std::vector<std::string> customers() {
    std::vector<std::string> rows;
    for (store::Row& row : connection_.queryText("SELECT CONCAT_WS('|', Code, COALESCE(Email, '-'), Credit,"
                                                 " COALESCE(Visits, '-')) FROM inp_Customers ORDER BY Code"))
      rows.push_back(row.text());
    return rows;
  }
  void write(const std::string& content, const std::string& name = "file.csv") {
    std::ofstream(directory_ / name) << content;
  }
  std::string outcomeOf(HandlerRun& run) {
    return run.outcomeOf(
        *makeTableImport(configuration_, test_support::settingsFor(kImportDatabase), test_support::cmsNames())
             .handler);
  }
  std::string skippedOf(const HandlerRun& run) {
    return store_.tasks.readRunFile(run.id(), "skipped.csv").value_or("");
  }

  static constexpr const char* kFile = R"({"File":"file.csv"})";
  static constexpr const char* kRehearsal = R"({"File":"file.csv","DryRun":true})";

  std::filesystem::path directory_ =
      std::filesystem::temp_directory_path() / ("taskqueue-import-" + std::to_string(::getpid()));
  store::Connection connection_{test_support::settingsFor(kImportDatabase), test_support::cmsNames()};
  store::MariaStore store_{test_support::settingsFor(kImportDatabase), test_support::cmsNames(),
                           [] { return std::string("x"); }, [] { return 0.0; }};
  platform::ImportConfiguration configuration_;
};

}  // namespace taskqueue::handlers::tests
