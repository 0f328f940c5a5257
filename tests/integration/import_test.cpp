// ProductImport on the catalogue of all Debian packages, and on files that are no catalogue.
#include "tests/integration/stack_test.h"

#include <signal.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <set>
#include <utility>

#include "tests/support/worker_processes.h"

namespace taskqueue::tests {
namespace {

class ImportTest : public StackTest {
 protected:
  // Puts a catalogue with this many rows (0: all packages) below the import directory.
  void prepare(const std::string& file, int rows) {
    const std::string path = stack().setting("IMPORT_DIRECTORY") + "/" + file;
    run(std::string(TASKQUEUE_CHECKOUT) + "/tests/support/catalogue --rows " + std::to_string(rows) + " > " +
        path + " && chmod 640 " + path + " && chgrp taskqueue " + path);
  }

  // Empties the shop.
  void SetUp() override {
    run("(sed 's/%PREFIX%/" + stack().setting("TABLE_PREFIX") + "/g' " + TASKQUEUE_CHECKOUT +
        "/tests/support/cms_fixture.sql; echo 'DELETE FROM " + stack().setting("TABLE_PREFIX") +
        "Products;') | mariadb --defaults-file=" + stack().setting("HOME_DIR") + "/database.cnf " +
        stack().setting("DB_NAME"));
  }

  // Imports the file and calls `harm` once, with the run, at this percentage. Returns the last run.
  json::Document importWith(const std::string& file, int percents,
                            const std::function<void(const json::Document&)>& harm) {
    const int id = stack().enqueue("ProductImport", R"({"File":")" + file + "\"}");
    bool harmed = false;
    EXPECT_TRUE(eventually(
        [&] {
          const auto run = stack().newestRun(id);
          if (!run.IsObject()) return false;
          const int reached = run["PercentsCompleted"].GetInt();
          if (std::string(run["Status"].GetString()) == "running") seen_.insert(reached);
          if (reached >= percents && !std::exchange(harmed, true)) harm(run);
          return stack().lastStatus(id) == "success";
        },
        240s));
    EXPECT_TRUE(harmed);
    return stack().newestRun(id);
  }

  // Checks that no product is missing or duplicated.
  void expectExact(const json::Document& run, std::int64_t rows) {
    ASSERT_TRUE(run.IsObject() && run["Results"].IsObject());
    const auto& results = run["Results"];
    EXPECT_EQ(results["Rows"].GetInt64(), rows);
    EXPECT_EQ(results["Imported"].GetInt64() + results["Skipped"].GetInt64(), rows);
    EXPECT_EQ(results["Updated"].GetInt64(), 0);
    EXPECT_EQ(stack().count("{Products}"), results["Imported"].GetInt64());
    EXPECT_EQ(stack().count("(SELECT DISTINCT ProductCode FROM {Products}) p"),
              results["Imported"].GetInt64());
  }

  static void run(const std::string& command) { ASSERT_EQ(std::system(command.c_str()), 0) << command; }

  std::set<int> seen_;  // percentages seen during the run
};

constexpr int kRowsBesidesTheCatalogue = 40000;

TEST_F(ImportTest, TheWholeCatalogueIsExactAlsoWhenItsRunnerIsKilledHalfWay) {
  prepare("catalogue.csv", 0);
  const auto run = importWith("catalogue.csv", 40, [&](const json::Document& halfWay) {
    ::kill(pidOfRunner(halfWay["TaskRunnerId"].GetInt()), SIGKILL);
  });
  ASSERT_TRUE(run.IsObject() && run["Results"].IsObject());
  const std::int64_t rows = run["Results"]["Rows"].GetInt64();
  EXPECT_GT(rows, 50000);
  expectExact(run, rows);
  EXPECT_EQ(run["Attempt"].GetInt(), 2);
  EXPECT_TRUE(run["Results"]["Resumed"].GetBool());
  EXPECT_GE(seen_.size(), 10U);
  std::cout << rows << " rows, " << seen_.size() << " percentages seen\n";
}

TEST_F(ImportTest, AnImportWhoseWorkerIsKilledIsExact) {
  prepare("worker.csv", kRowsBesidesTheCatalogue);
  const auto run = importWith("worker.csv", 10, [&](const json::Document& halfWay) {
    for (const test_support::WorkerProcess& worker :
         test_support::workersOf({pidOfRunner(halfWay["TaskRunnerId"].GetInt())})) {
      ::kill(worker.pid, SIGKILL);
    }
    const auto killed = [&] {
      const auto now = stack().api("GET", "runs/" + std::to_string(halfWay["Id"].GetInt()));
      return now.status == 200 && std::string(now.json["ErrorCode"].GetString()) == "signal";
    };
    EXPECT_TRUE(eventually(killed, 5s));
  });
  expectExact(run, kRowsBesidesTheCatalogue);
  EXPECT_EQ(run["Attempt"].GetInt(), 2);
  EXPECT_TRUE(run["Results"]["Resumed"].GetBool());
}

TEST_F(ImportTest, AnImportIsNotTouchedByTheDeathOfTheFastCgiProgram) {
  expectLoggedTrouble();
  prepare("fastcgi.csv", kRowsBesidesTheCatalogue);
  const auto run = importWith("fastcgi.csv", 10, [&](const json::Document&) {
    ::kill(stack().programPid("taskqueue-fcgi:taskqueue-fcgi"), SIGKILL);
  });
  expectExact(run, kRowsBesidesTheCatalogue);
  EXPECT_EQ(run["Attempt"].GetInt(), 1);
}

TEST_F(ImportTest, AnImportWhoseDatabaseIsKilledIsExact) {
  expectLoggedTrouble();
  prepare("database.csv", kRowsBesidesTheCatalogue);
  const auto run = importWith(
      "database.csv", 10, [&](const json::Document&) { ::kill(stack().programPid("database"), SIGKILL); });
  expectExact(run, kRowsBesidesTheCatalogue);
}

TEST_F(ImportTest, AFileThatCannotBeImportedIsNamedAndNotTriedAgain) {
  const std::string directory = stack().setting("IMPORT_DIRECTORY");
  const auto write = [&](const std::string& name, const std::string& text) {
    std::ofstream(directory + "/" + name) << text;
    std::filesystem::permissions(directory + "/" + name, std::filesystem::perms(0644));
  };
  std::filesystem::remove(directory + "/link.csv");
  std::filesystem::create_symlink("/etc/passwd", directory + "/link.csv");
  const std::string header = "Code,Name,Category\n";
  write("quote.csv", header + "a,\"never closed\n");
  write("latin1.csv", header + "a,caf\xE9,x\n");
  write("large.csv", header + "a,\"" + std::string(10 << 20, 'x') + "\",x\n");
  const std::map<std::string, std::string> codes{
      {"../taskqueue.ini", "file_outside"}, {"/etc/passwd", "file_outside"}, {"link.csv", "file_outside"},
      {"none.csv", "file_missing"},         {"quote.csv", "csv_malformed"},  {"latin1.csv", "csv_not_utf8"},
      {"large.csv", "csv_field_too_large"}};
  for (const auto& [file, code] : codes) {
    const int id = stack().enqueue("ProductImport", R"({"File":")" + file + "\"}");
    EXPECT_EQ(stack().finalStatus(id), "error") << file;
    const auto run = stack().newestRun(id);
    EXPECT_EQ(std::string(run["ErrorCode"].GetString()), code)
        << file << ": " << run["ErrorMessage"].GetString();
    EXPECT_EQ(run["Attempt"].GetInt(), 1);
  }
}

}  // namespace
}  // namespace taskqueue::tests
