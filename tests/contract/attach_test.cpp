// The command attach on a site of the CMS.
#include "tests/contract/attach_site.h"

namespace taskqueue::contract::attach_tests {
namespace {

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
}  // namespace taskqueue::contract::attach_tests
