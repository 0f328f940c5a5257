// A site of the CMS to attach to, in both forms of its configuration.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "module/platform/configuration.h"
#include "module/platform/run_directory.h"
#include "module/platform/secret.h"
#include "module/store/database/named_lock.h"
#include "module/store/migration.h"
#include "module/store/site.h"
#include "tests/support/database_environment.h"
#include "tests/support/shell.h"

namespace taskqueue::contract::attach_tests {

using test_support::CommandAnswer;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

inline constexpr const char* kAttachDatabase = "cms_site";
inline const std::string kSources = TASKQUEUE_SOURCE_DIRECTORY;

inline std::string contentOf(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void replaceAll(std::string& text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

class Attach : public ::testing::Test {
 protected:
  Attach() {
    std::filesystem::create_directories(directory_ / "out");
    for (const char* form : {"new", "old"}) {
      std::filesystem::copy(kSources + "/tests/support/cms_site/" + form, directory_ / form,
                            std::filesystem::copy_options::recursive);
    }
    for (const auto& file : {configuration("new"), configuration("old")}) {
      std::string text = contentOf(file);
      replaceAll(text, "%SOCKET%", test_support::sharedServer().socket());
      std::ofstream(file) << text;
    }
    test_support::sharedServer().createDatabase(kAttachDatabase);
    std::string tables = contentOf(kSources + "/tests/support/cms_fixture.sql");
    for (const std::string& statement : store::splitStatements(tables, test_support::cmsNames()))
      site_.queryText(statement);
    asRoot("DROP USER IF EXISTS site@localhost");
    asRoot(R"(CREATE USER site@localhost IDENTIFIED BY 'it\'s # "quoted" \\ ; 100%')");
    asRoot("GRANT ALL ON `cms\\_site`.* TO site@localhost");
  }
  ~Attach() override { std::filesystem::remove_all(directory_); }

  std::filesystem::path configuration(const std::string& form) const {
    return directory_ / form / (form == "new" ? "system/config.php" : "config.php");
  }
  void asRoot(const std::string& statement) {
    store::Connection(test_support::settingsFor("mysql"), {"", ""}).queryText(statement);
  }

  CommandAnswer run(const std::string& arguments) const {
    const std::string command = std::string(TASKQUEUE_PROGRAM) + " " + arguments + " 2>&1";
    return test_support::runShell(command);
  }
  CommandAnswer attach(const std::string& form, const std::string& options = "") const {
    const bool writes = options.find("--output") != std::string::npos;
    const bool isWhole =
        options.find("--root") != std::string::npos || options.find("--upgrades") != std::string::npos;
    return run("attach --cms " + (directory_ / form).string() + " " + options +
               (writes    ? " --wake-directory " + wake()
                : isWhole ? ""
                          : " --tables-only"));
  }
  std::string wake() const { return directory_ / "state/wake"; }

  std::set<std::string> tables() {
    std::set<std::string> names;
    for (auto& row :
         site_.queryText("SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()"))
      names.insert(row.text());
    return names;
  }
  // Returns the definitions of all tables.
  static std::string schemaOf(store::Connection& connection) {
    std::string text;
    for (const std::string& table : store::presentTables(connection)) {
      auto row = connection.queryText("SHOW CREATE TABLE " + table).at(0);
      text += row.text();
      text += row.text() + "\n";
    }
    return text;
  }

  std::filesystem::path directory_ =
      std::filesystem::temp_directory_path() / ("taskqueue-attach-" + std::to_string(::getpid()));
  store::Connection site_{test_support::settingsFor(kAttachDatabase), test_support::cmsNames()};
};

}  // namespace taskqueue::contract::attach_tests
