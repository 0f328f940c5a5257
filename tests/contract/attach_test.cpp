// Runs taskqueue attach and detach as processes, against the fixture CMS on a real server.
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

namespace taskqueue::contract {
namespace {

using test_support::CommandAnswer;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char* kAttachDatabase = "cms_site";
const std::string kSources = TASKQUEUE_SOURCE_DIRECTORY;

std::string contentOf(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

void replaceAll(std::string& text, const std::string& from, const std::string& to) {
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

TEST_F(Attach, BothFormsOfTheConfigurationLeadToTheDatabase) {
  for (const char* form : {"new", "old"}) {
    const auto before = tables();
    const CommandAnswer answer = attach(form);
    EXPECT_EQ(answer.exitStatus, 0) << answer.output;
    EXPECT_THAT(answer.output, AllOf(HasSubstr("schema cms_site"), HasSubstr("Account `site`@`localhost`"),
                                     HasSubstr("  inp_TaskQueue\n"), HasSubstr("Nothing was changed")));
    EXPECT_THAT(answer.output, Not(HasSubstr("quoted")));  // the password
    EXPECT_EQ(tables(), before) << form;
  }
  EXPECT_THAT(attach("old").output, HasSubstr("DBCharset is not utf8mb4"));
}

TEST_F(Attach, YesMakesTablesAndFilesWithWhichTheProgramsWork) {
  const CommandAnswer answer = attach("new", "--yes --output " + (directory_ / "out").string());
  ASSERT_EQ(answer.exitStatus, 0) << answer.output;
  EXPECT_EQ(store::Migrator(site_).problem(), std::nullopt);
  for (const char* name : {"taskqueue.ini", "database.cnf", "api.token", "api.tokens", "event.secret",
                           "event.header", "event.wgetrc", "nginx-secret.conf"}) {
    struct stat file {};
    ASSERT_EQ(::stat((directory_ / "out" / name).c_str(), &file), 0) << name;
    EXPECT_EQ(file.st_mode & 07777, 0600U) << name;
  }
  const std::string config = "--config " + (directory_ / "out/taskqueue.ini").string() + " ";
  const CommandAnswer event = run(config + "event task-queue:OnProcess");
  EXPECT_EQ(event.exitStatus, 0) << event.output;
  EXPECT_THAT(run(config + "migrate").output, HasSubstr("0 applied"));
  const auto read = platform::loadConfiguration(directory_ / "out/taskqueue.ini");
  EXPECT_EQ(read.database.tablePrefix, "inp_");
  EXPECT_EQ(read.web.eventSecretSha256.size(), 1U);
  EXPECT_EQ(read.web.nginxSecretSha256.size(), 1U) << "or the pages would be closed";
  // A second run changes nothing, and overwrites no file.
  EXPECT_THAT(attach("new", "--yes").output, HasSubstr("0 applied"));
  const CommandAnswer again = attach("new", "--yes --output " + (directory_ / "out").string());
  EXPECT_EQ(again.exitStatus, 78);
  EXPECT_THAT(again.output, HasSubstr("is there already"));
}

TEST_F(Attach, TheSitesPhpMayUseWhatItNeedsAndNoMore) {
  ASSERT_EQ(::geteuid(), 0U) << "only root can give files away; tests/run is run as root";
  const std::filesystem::path out = directory_ / "out";
  std::filesystem::permissions(out, std::filesystem::perms(0750));
  const std::string options = "--owner nobody --site-user www-data --output " + out.string();
  EXPECT_THAT(attach("new", options).output, HasSubstr("For the site's PHP, www-data:"));
  EXPECT_FALSE(std::filesystem::exists(out / "site"));
  const CommandAnswer answer = attach("new", "--yes " + options);
  ASSERT_EQ(answer.exitStatus, 0) << answer.output;
  const auto asSite = [](const std::string& command) {
    return test_support::runShell("setpriv --reuid=www-data --regid=www-data --init-groups sh -c '" +
                                  command + "' 2>&1");
  };
  const std::string token = asSite("cat " + (out / "site/api.token").string()).output;
  EXPECT_THAT(
      contentOf(out / "api.tokens"),
      HasSubstr("[token.site]\nsha256=" + platform::sha256Hex(token.substr(0, 64)) + "\nrole=operator\n"));
  EXPECT_EQ(asSite("cat " + (out / "site/event.secret").string()).output, contentOf(out / "event.secret"));
  for (const char* name : {"api.token", "event.secret"}) {
    EXPECT_NE(asSite("cat " + (out / name).string()).exitStatus, 0) << name;
    EXPECT_NE(asSite("echo > " + (out / "site" / name).string()).exitStatus, 0) << name;
  }
  for (const char* name : {"taskqueue.ini", "database.cnf", "api.tokens", "nginx-secret.conf"})
    EXPECT_NE(asSite("cat " + (out / name).string()).exitStatus, 0) << name;
  EXPECT_NE(asSite("ls " + out.string()).exitStatus, 0);
  EXPECT_EQ(asSite("ls " + wake()).exitStatus, 0);
  EXPECT_NE(asSite("touch " + wake() + "/x").exitStatus, 0);
  // A runner makes its socket there as this test does.
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::snprintf(address.sun_path, sizeof address.sun_path, "%s/runner-1.wake", wake().c_str());
  ASSERT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_TRUE(platform::shareSocketInRunDirectory(address.sun_path));
  EXPECT_EQ(asSite("php -r \"fwrite(stream_socket_client(\\\"udg://" + std::string(address.sun_path) +
                   "\\\"), \\\"w\\\");\"")
                .output,
            "");
  char byte = 0;
  EXPECT_EQ(::recv(socket, &byte, 1, MSG_DONTWAIT), 1);
  ::close(socket);

  // Health notices what is missing and what is too much.
  const std::string config = "--config " + (out / "taskqueue.ini").string() + " ";
  EXPECT_THAT(run(config + "health").output, HasSubstr("www-data may use what the site needs, and no more."));
  std::filesystem::permissions(out / "site/api.token", std::filesystem::perms(0600));
  std::filesystem::permissions(out / "database.cnf", std::filesystem::perms(0644));
  std::filesystem::permissions(wake(), std::filesystem::perms(02770));
  const std::string health = run(config + "health").output;
  EXPECT_THAT(health, HasSubstr("www-data cannot use " + (out / "site/api.token").string()));
  EXPECT_THAT(health, HasSubstr("www-data may do more with " + (out / "database.cnf").string()));
  EXPECT_THAT(health, HasSubstr("www-data may do more with " + wake()));

  EXPECT_THAT(run(config + "detach --yes").output, HasSubstr("Taken back from the site's PHP:"));
  for (const auto& gone : {out / "site", std::filesystem::path(wake())})
    EXPECT_FALSE(std::filesystem::exists(gone));
  EXPECT_EQ(std::filesystem::status(out).permissions(), std::filesystem::perms(0750));
}

TEST_F(Attach, ThePhpClientLooksForRunnersWhereTheyListen) {
  const std::string directory = "/var/lib/taskqueue/wake";
  EXPECT_THAT(run("attach --help").output, HasSubstr(directory));
  EXPECT_THAT(contentOf(kSources + "/module/php/src/TaskQueue.php"),
              HasSubstr("WAKE_DIRECTORY = '" + directory + "'"));
}

TEST_F(Attach, ASiteUserThatCannotBeServedIsNamed) {
  const std::string output = " --output " + (directory_ / "out").string();
  EXPECT_THAT(attach("new", "--site-user no-such-user" + output).output,
              HasSubstr("there is no user no-such-user"));
  EXPECT_THAT(attach("new", "--site-user root" + output).output, HasSubstr("may not run as root"));
}

TEST_F(Attach, FilesBelongToWhomTheyAreFor) {
  ASSERT_EQ(::geteuid(), 0U) << "only root can give files away; tests/run is run as root";
  const CommandAnswer answer =
      attach("old", "--yes --owner nobody --output " + (directory_ / "out").string());
  ASSERT_EQ(answer.exitStatus, 0) << answer.output;
  struct stat file {};
  ASSERT_EQ(::stat((directory_ / "out/database.cnf").c_str(), &file), 0);
  EXPECT_EQ(file.st_uid, ::getpwnam("nobody")->pw_uid);
  EXPECT_THAT(attach("old", "--owner no-such-user --output " + directory_.string()).output,
              HasSubstr("there is no user"));
  EXPECT_THAT(attach("old", "--output /nonexistent").output, HasSubstr("/nonexistent is no directory"));
}

TEST_F(Attach, MissingRightsAreToldWithTheGrantThatMendsThem) {
  asRoot("REVOKE ALL PRIVILEGES, GRANT OPTION FROM site@localhost");
  asRoot("GRANT SELECT, INSERT ON `cms\\_site`.* TO site@localhost");
  asRoot("GRANT ALL ON other_site.* TO site@localhost");
  const CommandAnswer answer = attach("new", "--yes");
  EXPECT_EQ(answer.exitStatus, 77);
  const std::string grant =
      "GRANT UPDATE, DELETE, CREATE, ALTER, INDEX, DROP ON `cms\\_site`.* TO `site`@`localhost`;";
  EXPECT_THAT(answer.output, HasSubstr(grant));
  EXPECT_THAT(store::presentTables(site_), IsEmpty());
  asRoot(grant);
  EXPECT_EQ(attach("new", "--yes").exitStatus, 0);
}

TEST_F(Attach, WithoutAnyRightTheGrantIsWhole) {
  asRoot("REVOKE ALL PRIVILEGES, GRANT OPTION FROM site@localhost");
  const CommandAnswer answer = attach("old", "--yes");
  EXPECT_EQ(answer.exitStatus, 77);
  EXPECT_THAT(answer.output,
              HasSubstr("GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, DROP ON"));
}

TEST_F(Attach, RightsOfARoleAndOfAPatternCount) {
  asRoot("REVOKE ALL PRIVILEGES, GRANT OPTION FROM site@localhost");
  asRoot("CREATE OR REPLACE ROLE site_role");
  asRoot("GRANT CREATE, ALTER, INDEX, DROP ON `cms%`.* TO site_role");
  asRoot("GRANT SELECT, INSERT, UPDATE, DELETE ON *.* TO site@localhost");
  asRoot("GRANT site_role TO site@localhost");
  asRoot("SET DEFAULT ROLE site_role FOR site@localhost");
  EXPECT_EQ(attach("new").exitStatus, 0) << attach("new").output;
}

// sql/grants.sql matches the privileges that the programs need.
TEST_F(Attach, TheGrantsOfTheDocumentationAreEnoughAndNeeded) {
  std::string text = contentOf(kSources + "/sql/grants.sql");
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"@SCHEMA@", "cms\\_site"}, {"@USER@", "site"}, {"@HOST@", "localhost"}})
    replaceAll(text, from, to);
  asRoot("REVOKE ALL PRIVILEGES, GRANT OPTION FROM site@localhost");
  for (const std::string& statement : store::splitStatements(text, {"", ""})) {
    EXPECT_EQ(attach("new").exitStatus, 77);
    asRoot(statement);
  }
  EXPECT_EQ(attach("new", "--yes").exitStatus, 0);
}

TEST_F(Attach, AWrongPasswordOrSchemaIsToldWithoutThePassword) {
  asRoot("ALTER USER site@localhost IDENTIFIED BY 'another'");
  const CommandAnswer answer = attach("new");
  EXPECT_EQ(answer.exitStatus, 69);
  EXPECT_THAT(answer.output, AllOf(HasSubstr("Access denied"), Not(HasSubstr("quoted"))));
  asRoot("GRANT ALL ON *.* TO site@localhost");
  asRoot(R"(ALTER USER site@localhost IDENTIFIED BY 'it\'s # "quoted" \\ ; 100%')");
  asRoot("DROP DATABASE cms_site");
  const CommandAnswer gone = attach("new");
  EXPECT_EQ(gone.exitStatus, 69);
  EXPECT_THAT(gone.output, HasSubstr("Unknown database"));
}

TEST_F(Attach, AConfigurationThatIsMissingUnreadableOrCodeIsRefused) {
  EXPECT_EQ(run("attach --cms /nonexistent").exitStatus, 78);
  const auto file = configuration("new");
  const std::string text = contentOf(file);
  std::ofstream(file) << text << "$_CONFIG['Database']['DBName'] = shell_exec('touch "
                      << (directory_ / "executed").string() << "');\n";
  const CommandAnswer answer = attach("new", "--yes");
  EXPECT_EQ(answer.exitStatus, 78);
  EXPECT_THAT(answer.output, HasSubstr("DBName is not plain text"));
  EXPECT_FALSE(std::filesystem::exists(directory_ / "executed"));
  std::filesystem::permissions(file, std::filesystem::perms(0));
  std::filesystem::permissions(directory_, std::filesystem::perms(0755));
  const std::string asNobody = ::geteuid() == 0 ? "setpriv --reuid nobody --clear-groups -- " : "";
  const std::string command = asNobody + TASKQUEUE_PROGRAM + " attach --cms " +
                              (directory_ / "new").string() + " 2>&1 | grep -q 'cannot be read'";
  if (::access("/usr/bin/setpriv", X_OK) == 0) {
    EXPECT_EQ(std::system(("chmod 755 " + directory_.string() + "; " + command).c_str()), 0);
  }
}

TEST_F(Attach, ATableOfOursNameThatIsNotOursStopsIt) {
  site_.queryText("CREATE TABLE inp_TaskRuns (Id INT NOT NULL PRIMARY KEY)");
  const CommandAnswer answer = attach("new", "--yes");
  EXPECT_EQ(answer.exitStatus, 78);
  EXPECT_THAT(answer.output, HasSubstr("has a table inp_TaskRuns that is not ours"));
}

TEST_F(Attach, AnOlderCmsKeepsItsSettingsWhereTheyAre) {
  site_.queryText(
      "CREATE TABLE inp_ConfigurationValues (VariableId INT NOT NULL AUTO_INCREMENT PRIMARY KEY, "
      "VariableName VARCHAR(255) NOT NULL "
      "DEFAULT '', VariableValue TEXT NULL)");
  const CommandAnswer answer = attach("old", "--yes --output " + (directory_ / "out").string());
  EXPECT_EQ(answer.exitStatus, 0) << answer.output;
  EXPECT_EQ(
      site_
          .queryText(
              "SELECT VariableValue FROM inp_ConfigurationValues WHERE VariableName = 'TaskRunnerLimit'")
          .at(0)
          .text(),
      "2");
  EXPECT_FALSE(tables().contains("inp_SystemSettings"));
  EXPECT_EQ(platform::loadConfiguration(directory_ / "out/taskqueue.ini").database.settingsTable,
            "inp_ConfigurationValues");
}

TEST_F(Attach, WhatCannotBeTheSettingsTableIsRefusedBeforeAnythingIsMade) {
  const auto before = tables();
  for (const auto& [table, told] : std::vector<std::pair<std::string, std::string>>{
           {"\"x' OR 1=1\"", "must be at most 64 letters"},
           {"'a`b'", "must be at most 64 letters"},
           {"inp_TaskQueue", "inp_TaskQueue cannot be the CMS's settings table: it is a table of the queue"},
           {"inp_Categories", "it has not the columns VariableName and VariableValue"}}) {
    const CommandAnswer answer = attach("new", "--yes --settings-table " + table);
    EXPECT_THAT(answer.exitStatus, ::testing::AnyOf(64, 78)) << table;
    EXPECT_THAT(answer.output, HasSubstr(told));
    EXPECT_EQ(tables(), before) << table;
  }
}

// A prefix of 40 letters with "SystemSettings" exceeds other length limits.
TEST_F(Attach, TheLongestPrefixWorks) {
  const std::string prefix(40, 'p');
  std::string text = contentOf(configuration("new"));
  replaceAll(text, "'inp_'", "'" + prefix + "'");
  std::ofstream(configuration("new")) << text;
  ASSERT_EQ(attach("new", "--yes --output " + (directory_ / "out").string()).exitStatus, 0);
  const std::string config = "--config " + (directory_ / "out/taskqueue.ini").string();
  const CommandAnswer event = run(config + " event task-queue:OnProcess");
  EXPECT_EQ(event.exitStatus, 0) << event.output;
}

TEST_F(Attach, ADirectoryThatNoConfigurationCanNameIsRefused) {
  for (const char* name : {"a;b", "a\nb"}) {
    const std::string there = "'" + (directory_ / name).string() + "'";
    std::filesystem::create_directory(directory_ / name);
    const CommandAnswer answer = attach("new", "--yes --output " + there);
    EXPECT_EQ(answer.exitStatus, 78);
    EXPECT_THAT(answer.output, HasSubstr("no configuration can hold a ';' or control character"));
    EXPECT_TRUE(std::filesystem::is_empty(directory_ / name));
    std::filesystem::copy(directory_ / "new", directory_ / name, std::filesystem::copy_options::recursive);
    EXPECT_EQ(run("attach --yes --cms " + there + " --output " + (directory_ / "out").string()).exitStatus,
              78);
    EXPECT_TRUE(std::filesystem::is_empty(directory_ / "out"));
  }
  EXPECT_THAT(store::presentTables(site_), IsEmpty());
}

TEST_F(Attach, AnImportOfSchedulesTellsWhichTableOrColumnItMisses) {
  ASSERT_EQ(attach("new", "--yes --output " + (directory_ / "out").string()).exitStatus, 0);
  site_.queryText(
      "CREATE TABLE inp_OldTasks (Name VARCHAR(9), `Event` VARCHAR(9), Cron VARCHAR(9), status INT)");
  for (const auto& [options, told] : std::vector<std::pair<std::string, std::string>>{
           {"",
            "there is no table inp_ScheduledTasks in this schema: name the CMS's by --table, without the "
            "prefix"},
           {"--table OldTasks",
            "inp_OldTasks has no column RunSchedule: name another by --schedule-column; it has Name, Event, "
            "Cron, status"},
           {"--table OldTasks --schedule-column 'a`b'", "has no column a`b"},
           {"--table 'x; DROP'", "--table must be letters, digits and '_'"}}) {
    const CommandAnswer answer =
        run("--config " + (directory_ / "out/taskqueue.ini").string() + " schedule import " + options);
    EXPECT_EQ(answer.exitStatus, 65) << answer.output;
    EXPECT_THAT(answer.output, HasSubstr(told));
  }
  EXPECT_EQ(run("--config " + (directory_ / "out/taskqueue.ini").string() +
                " schedule import --table OldTasks --schedule-column Cron")
                .exitStatus,
            0);
}

TEST_F(Attach, OneDetachIsAtWorkAtATime) {
  ASSERT_EQ(attach("new", "--yes --output " + (directory_ / "out").string()).exitStatus, 0);
  const std::string detach = "--config " + (directory_ / "out/taskqueue.ini").string() + " detach --yes";
  {
    const store::NamedLock other(site_, "detach", std::chrono::seconds{0});
    ASSERT_TRUE(other.wasTaken());
    const CommandAnswer refused = run(detach);
    EXPECT_EQ(refused.exitStatus, 75);
    EXPECT_THAT(refused.output, HasSubstr("another detach is at work"));
    EXPECT_TRUE(tables().contains("inp_TaskQueue"));
  }
  EXPECT_EQ(run(detach).exitStatus, 0);
}

TEST_F(Attach, DetachTakesEverythingBack) {
  const auto before = tables();
  ASSERT_EQ(attach("new", "--yes --output " + (directory_ / "out").string()).exitStatus, 0);
  const std::string config = "--config " + (directory_ / "out/taskqueue.ini").string() + " detach ";
  site_.queryText(
      "INSERT INTO inp_TaskQueue (TaskHandlerClass, TaskData, ScheduledOn, QueuedOn) VALUES ('Echo', '{}', "
      "1, 1)");
  const CommandAnswer refused = run(config + "--yes");
  EXPECT_EQ(refused.exitStatus, 1);
  EXPECT_THAT(refused.output, HasSubstr("0 runners live and 1 tasks are open"));
  EXPECT_TRUE(tables().contains("inp_TaskQueue"));
  site_.queryText("UPDATE inp_TaskQueue SET LastStatus = 'success', NextRunOn = NULL");
  site_.queryText("INSERT INTO inp_TaskRunners (ProcessId, Status) VALUES (1, 'running')");
  EXPECT_THAT(run(config + "--yes").output, HasSubstr("1 runners live and 0 tasks"));
  EXPECT_THAT(run(config + "--force").output, HasSubstr("Nothing was changed"));
  const CommandAnswer done = run(config + "--yes --force");
  EXPECT_EQ(done.exitStatus, 0) << done.output;
  EXPECT_EQ(tables(), before);
  EXPECT_THAT(run(config + "--yes").output, HasSubstr("There is no table of ours"));
}

TEST_F(Attach, DetachLeavesTheCmsItsOtherSettings) {
  site_.queryText(
      "CREATE TABLE inp_SystemSettings (VariableId INT NOT NULL AUTO_INCREMENT PRIMARY KEY, VariableName "
      "VARCHAR(255) NOT NULL DEFAULT "
      "'', VariableValue TEXT NULL, INDEX (VariableName))");
  site_.queryText(
      "INSERT INTO inp_SystemSettings (VariableName, VariableValue) VALUES ('Site_Name', 'Shop')");
  ASSERT_EQ(attach("new", "--yes --output " + (directory_ / "out").string()).exitStatus, 0);
  ASSERT_EQ(run("--config " + (directory_ / "out/taskqueue.ini").string() + " detach --yes").exitStatus, 0);
  auto left = site_.queryText("SELECT VariableName FROM inp_SystemSettings");
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left.front().text(), "Site_Name");
}

// The revision for sites that deploy by SQL makes the same schema as the migrations.
TEST_F(Attach, ARevisionOfTheUpgradesMakesTheSameSchema) {
  ASSERT_EQ(attach("new", "--yes").exitStatus, 0);
  const std::string expected = schemaOf(site_);
  for (const std::string prefix : {"inp_", ""}) {
    test_support::sharedServer().createDatabase("cms_upgrades");
    store::Connection connection(test_support::settingsFor("cms_upgrades"), {prefix, ""});
    const CommandAnswer revision =
        attach("old", prefix.empty() ? "--upgrades 12" : "--upgrades 12 --with-prefix");
    ASSERT_EQ(revision.exitStatus, 0) << revision.output;
    EXPECT_TRUE(revision.output.starts_with("# r12: TaskQueue - ")) << revision.output.substr(0, 100);
    EXPECT_EQ(revision.output.find("inp_") == std::string::npos, prefix.empty());
    const auto file = directory_ / "revision.sql";
    std::ofstream(file) << revision.output;
    // Applied as the CMS does, over an independent connection.
    const std::string client = "mariadb --defaults-file=" + test_support::sharedServer().optionFile() +
                               " cms_upgrades < " + file.string();
    ASSERT_EQ(std::system(client.c_str()), 0);
    std::string made = schemaOf(connection);
    if (prefix.empty()) {
      std::string bare = expected;
      replaceAll(bare, "inp_", "");
      EXPECT_EQ(made, bare);
    } else {
      EXPECT_EQ(made, expected);
    }
    EXPECT_EQ(store::Migrator(connection).problem(), std::nullopt);
    EXPECT_EQ(connection.queryText("SELECT COUNT(*) FROM " + prefix + "SystemSettings").at(0).integer(), 1);
  }
  // The upgrade starts at each version.
  const int newest = store::migrations().back().version;
  const CommandAnswer last = attach("old", "--upgrades 13 --since " + std::to_string(newest));
  EXPECT_EQ(std::count(last.output.begin(), last.output.end(), ';'), 1) << last.output;
  EXPECT_EQ(attach("old", "--upgrades 0").exitStatus, 64);
  EXPECT_EQ(attach("old", "--upgrades 1 --since " + std::to_string(newest + 1)).exitStatus, 64);
  EXPECT_EQ(attach("old", "--upgrades 12 --yes").exitStatus, 64);
  EXPECT_EQ(attach("old", "--since 3").exitStatus, 64);
}

TEST_F(Attach, AnAccountOfOurOwnIsUsedInsteadOfTheCmss) {
  asRoot("REVOKE ALL PRIVILEGES, GRANT OPTION FROM site@localhost");
  const std::string account = "--account " + test_support::sharedServer().optionFile();
  const CommandAnswer answer = attach("new", account + " --yes --output " + (directory_ / "out").string());
  EXPECT_EQ(answer.exitStatus, 0) << answer.output;
  EXPECT_FALSE(std::filesystem::exists(directory_ / "out/database.cnf"));
  EXPECT_EQ(platform::loadConfiguration(directory_ / "out/taskqueue.ini").database.optionFile,
            test_support::sharedServer().optionFile());
  EXPECT_THAT(attach("new", "--account /nonexistent").output,
              HasSubstr("there is no option file /nonexistent"));
}

}  // namespace
}  // namespace taskqueue::contract
