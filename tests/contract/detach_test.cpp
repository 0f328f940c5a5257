// The commands detach and schedules-import on a site, and upgrades made by the CMS.
#include "tests/contract/attach_site.h"

namespace taskqueue::contract::attach_tests {
namespace {

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

}  // namespace
}  // namespace taskqueue::contract::attach_tests
