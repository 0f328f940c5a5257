// Import sections of the configuration, and the errors in them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "module/platform/configuration.h"

namespace taskqueue::platform {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

class ImportConfigurationLaws : public ::testing::Test {
 protected:
  ~ImportConfigurationLaws() override { std::filesystem::remove(path_); }

  Configuration load(const std::string& more) {
    std::ofstream(path_) << "[database]\nname=cms\n" << more;
    return loadConfiguration(path_.string());
  }
  std::string complaintAbout(const std::string& more) {
    try {
      load(more);
      return "";
    } catch (const ConfigurationError& error) {
      return error.what();
    }
  }

  std::filesystem::path path_ =
      std::filesystem::temp_directory_path() / ("taskqueue-imports-" + std::to_string(::getpid()) + ".ini");
};

constexpr const char* kColumns =
    "[import_columns.CustomerImport]\nCustomer no.=Code\nE-mail=Email\nMail=Email\n";
const std::string kImport = "[import.CustomerImport]\ntable=Customers\nkey_column=Code\n";

TEST_F(ImportConfigurationLaws, NoneIsOfferedWithoutADirectory) {
  EXPECT_THAT(load("").imports, IsEmpty());
}

TEST_F(ImportConfigurationLaws, ProductImportNeedsOnlyItsDirectory) {
  const auto imports = load("[product_import]\ndirectory=/srv/import\n").imports;
  ASSERT_EQ(imports.size(), 1U);
  EXPECT_EQ(imports[0].taskHandlerClass, "ProductImport");
  EXPECT_EQ(imports[0].table, "Products");
  EXPECT_THAT(imports[0].requiredColumns, ElementsAre("ProductCode"));
  EXPECT_TRUE(imports[0].reference);
}

TEST_F(ImportConfigurationLaws, ASectionDeclaresAnImport) {
  const auto imports =
      load("[product_import]\ndirectory=/srv/import\n" + kImport + "chunk_rows=7\n" + kColumns).imports;
  ASSERT_EQ(imports.size(), 2U);
  const ImportConfiguration& import = imports[1];
  EXPECT_EQ(import.taskHandlerClass, "CustomerImport");
  EXPECT_EQ(import.directory, "/srv/import") << "as ProductImport's";
  EXPECT_THAT(import.columns,
              ElementsAre(Pair("Customer no.", "Code"), Pair("E-mail", "Email"), Pair("Mail", "Email")));
  EXPECT_THAT(import.requiredColumns, ElementsAre("Code", "Email"));
  EXPECT_EQ(import.chunkRows, 7);
  EXPECT_FALSE(import.reference);
}

TEST_F(ImportConfigurationLaws, WhatDoesNotFitIsRefusedWithAWord) {
  const std::string directory = "[product_import]\ndirectory=/srv/import\n";
  EXPECT_THAT(complaintAbout(kImport + kColumns), HasSubstr("import.CustomerImport.directory is missing"));
  EXPECT_THAT(complaintAbout(directory + kImport), AllOf(HasSubstr("import.CustomerImport.key_column"),
                                                         HasSubstr("[import_columns.CustomerImport]")));
  EXPECT_THAT(complaintAbout(directory + "[import.CustomerImport]\nkey_column=Code\n" + kColumns),
              HasSubstr("import.CustomerImport.table is missing"));
  EXPECT_THAT(complaintAbout(directory + kImport + "tabel=x\n" + kColumns), HasSubstr("tabel"));
  EXPECT_THAT(complaintAbout(directory + kImport + "required_columns=Code Phone\n" + kColumns),
              HasSubstr("names Phone, which no header fills"));
  EXPECT_THAT(complaintAbout(directory + kColumns), HasSubstr("import_columns.CustomerImport"));
  EXPECT_THAT(complaintAbout(directory + "[import.ProductImport]\ntable=x\n"), HasSubstr("another name"));
  EXPECT_THAT(complaintAbout(directory + "[import.A-B]\ntable=x\n"), HasSubstr("another name"));
}

TEST_F(ImportConfigurationLaws, TablesOfThePermissionCacheHaveTheCmsNamesUntilOthersAreGiven) {
  EXPECT_EQ(load("").permissionCache.cacheTable, "CategoryPermissionsCache");
  EXPECT_EQ(load("[permission_cache]\ncache_table=PermCache\n").permissionCache.cacheTable, "PermCache");
  EXPECT_THAT(complaintAbout("[permission_cache]\ncache_table=a-b\n"),
              HasSubstr("permission_cache.cache_table"));
  EXPECT_EQ(load("[permission_cache]\npermission_type_column=\"\"\n").permissionCache.permissionTypeColumn,
            "");
}

}  // namespace
}  // namespace taskqueue::platform
