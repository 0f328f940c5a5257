// Makes misconfigurations of the database, and expects that `taskqueue doctor` finds each with the line that
// mends it.
#include "tests/contract/doctor_site.h"

namespace taskqueue::contract {
namespace {

using test_support::CommandAnswer;
using ::testing::HasSubstr;

TEST_F(Doctor, AHealthySiteHasNoFindings) {
  expectWell();
  const CommandAnswer answer = doctor();
  EXPECT_EQ(answer.exitStatus, EX_OK);
  EXPECT_THAT(answer.output, HasSubstr("2 not checked, 0 warning, 0 problem\n"));
}

TEST_F(Doctor, AMissingOrOtherIndexIsFound) {
  expectMendable(
      {{"DROP INDEX Claim ON inp_TaskQueue", "problem indexes inp_TaskQueue.Claim",
        "CREATE INDEX Claim ON inp_TaskQueue (Queue, Priority, NextRunOn, Id);"},
       {"DROP INDEX OpenTaskQueueId ON inp_TaskRuns", "problem indexes inp_TaskRuns.OpenTaskQueueId",
        "CREATE UNIQUE INDEX OpenTaskQueueId ON inp_TaskRuns (OpenTaskQueueId);"},
       {"DROP INDEX QueuedById ON inp_TaskQueue", "warning indexes inp_TaskQueue.QueuedById",
        "CREATE INDEX QueuedById ON inp_TaskQueue (QueuedById);"},
       {"ALTER TABLE inp_TaskQueue DROP INDEX NextRunOn, ADD INDEX NextRunOn (Id)",
        "problem indexes inp_TaskQueue.NextRunOn",
        "ALTER TABLE inp_TaskQueue DROP INDEX NextRunOn, ADD INDEX NextRunOn (NextRunOn);"}});
}

TEST_F(Doctor, AMissingColumnIsFound) {
  run("ALTER TABLE inp_TaskRuns RENAME COLUMN ProgressNote TO Progress");
  const auto found = linesOf(doctor("--json"), {"problem"});
  run("ALTER TABLE inp_TaskRuns RENAME COLUMN Progress TO ProgressNote");
  ASSERT_FALSE(found.empty());
  for (const std::string& line : found)
    EXPECT_THAT(line, ::testing::ContainsRegex("^problem statements .*sql/schema.sql"));
  expectWell();
}

TEST_F(Doctor, ATableOfAnotherFormIsFound) {
  expectMendable(
      {{"ALTER TABLE inp_TaskHandlers DEFAULT CHARACTER SET latin1", "warning tables inp_TaskHandlers",
        "ALTER TABLE inp_TaskHandlers DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;"},
       {"ALTER TABLE inp_TaskQueueMarks ROW_FORMAT=COMPACT", "warning tables inp_TaskQueueMarks",
        "ALTER TABLE inp_TaskQueueMarks ROW_FORMAT=DYNAMIC;"},
       {"ALTER TABLE inp_TaskQueue MODIFY Title VARCHAR(255) CHARACTER SET latin1 NOT NULL DEFAULT ''",
        "problem tables inp_TaskQueue.Title",
        "ALTER TABLE inp_TaskQueue MODIFY Title varchar(255) CHARACTER SET utf8mb4 COLLATE "
        "utf8mb4_unicode_ci "
        "NOT NULL "
        "DEFAULT '';"}});
}

TEST_F(Doctor, ASchemaThatDoesNotFitIsFound) {
  run("ALTER TABLE inp_TaskRunFiles ENGINE=MyISAM");
  expectOnly("problem schema : taskqueue migrate");
  run("ALTER TABLE inp_TaskRunFiles ENGINE=InnoDB");
  run("UPDATE inp_TaskQueueSchema SET Id = Id + 1000 ORDER BY Id DESC LIMIT 1");
  expectOnly("problem schema : taskqueue migrate");
  EXPECT_THAT(doctor().output, HasSubstr("not checked  indexes"));
  run("UPDATE inp_TaskQueueSchema SET Id = Id - 1000 WHERE Id > 1000");
  expectWell();
}

TEST_F(Doctor, SettingsOfTheServerAreFound) {
  expectMendable(
      {{"SET GLOBAL innodb_flush_log_at_trx_commit = 2", "warning durability innodb_flush_log_at_trx_commit",
        "SET GLOBAL innodb_flush_log_at_trx_commit = 1;"},
       {"SET GLOBAL read_only = 1", "problem server read_only", "SET GLOBAL read_only = 0;"},
       {"SET GLOBAL enforce_storage_engine = MyISAM", "problem server enforce_storage_engine",
        "SET GLOBAL enforce_storage_engine = NULL;"},
       {"SET GLOBAL max_connections = 15", "warning server max_connections",
        "SET GLOBAL max_connections = 42;"},
       {"SET GLOBAL max_prepared_stmt_count = 100", "warning server max_prepared_stmt_count",
        "SET GLOBAL max_prepared_stmt_count = 16382;"},
       {"SET GLOBAL max_allowed_packet = 1048576", "warning packet size ",
        "SET GLOBAL max_allowed_packet = 16777216;"}});
}

// These settings need a server that was started with them.
TEST_F(Doctor, SettingsOfAServerWithALogOfChangesAreFound) {
  test_support::MariadbServer server(test_support::MariadbServer::Purpose::Tests,
                                     {"--log-bin=log", "--sync-binlog=1", "--binlog-format=MIXED",
                                      "--innodb-autoinc-lock-mode=0", "--skip-innodb-doublewrite"});
  server.createDatabase(kDoctorDatabase);
  writeFile("client.cnf", "[client]\nsocket=" + server.socket() + "\nuser=root\n", 0600);
  ASSERT_EQ(command("migrate").exitStatus, EX_OK);
  store::Connection other({.optionFile = server.optionFile(), .database = kDoctorDatabase},
                          test_support::cmsNames());
  other.queryText("SET GLOBAL sync_binlog = 0");
  other.queryText("SET GLOBAL binlog_format = STATEMENT");
  const auto found = linesOf(doctor("--json"), {"warning", "problem"});
  for (const char* line :
       {"warning durability sync_binlog: SET GLOBAL sync_binlog = 1;",
        "warning durability innodb_doublewrite: set innodb_doublewrite=ON in the server's "
        "configuration, and restart the server",
        "problem replication binlog_format: SET GLOBAL binlog_format = MIXED;",
        "warning server innodb_autoinc_lock_mode: set innodb_autoinc_lock_mode=1 in the server's "
        "configuration, and restart the server",
        "warning rights `root`@`localhost`: make an account with the rights of sql/grants.sql "
        "alone, and name it in database.option_file"})
    EXPECT_THAT(found, ::testing::Contains(line));
}

TEST_F(Doctor, AClockThatIsWrongIsFound) {
  run("SET GLOBAL init_connect = 'SET timestamp = UNIX_TIMESTAMP() + 10'");
  expectOnly("warning clock clock: timedatectl set-ntp true");
  run("SET GLOBAL init_connect = ''");
}

TEST_F(Doctor, RightsThatAreTooNarrowOrTooWideAreFound) {
  run("REVOKE UPDATE ON `doctor\\_tests`.* FROM doctor@localhost");
  expectOnly(
      "problem rights `doctor`@`localhost`: GRANT UPDATE ON `doctor\\_tests`.* TO `doctor`@`localhost`;");
  run("GRANT UPDATE ON `doctor\\_tests`.* TO doctor@localhost");
  run("GRANT FILE ON *.* TO doctor@localhost");
  expectOnly(
      "warning rights `doctor`@`localhost`: REVOKE FILE ON *.* FROM `doctor`@`localhost`; GRANT SELECT, "
      "INSERT, "
      "UPDATE, DELETE, CREATE, ALTER, INDEX, DROP ON `doctor\\_tests`.* TO `doctor`@`localhost`;");
  run("REVOKE FILE ON *.* FROM doctor@localhost");
  run("REVOKE SELECT ON `doctor\\_tests`.* FROM doctor@localhost");
  expectOnly(
      "problem rights `doctor`@`localhost`: GRANT SELECT ON `doctor\\_tests`.* TO `doctor`@`localhost`;");
  run("GRANT SELECT ON `doctor\\_tests`.* TO `doctor`@`localhost`;");
  // The rights of migrations may be revoked between two of them.
  run("REVOKE CREATE, ALTER, INDEX, DROP ON `doctor\\_tests`.* FROM doctor@localhost");
  expectWell();
}

TEST_F(Doctor, OutcomesOfHealthAreFound) {
  run("ALTER TABLE inp_TaskRuns AUTO_INCREMENT = 2000000000");
  const auto found = linesOf(doctor("--json"), {"warning", "problem"});
  run("ALTER TABLE inp_TaskRuns AUTO_INCREMENT = 1");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_THAT(found.front(),
              HasSubstr("warning Ids inp_TaskRuns: ALTER TABLE inp_TaskRuns AUTO_INCREMENT = 1;"));
  run("DELETE FROM inp_TaskRunners");
  expectOnly(
      "problem runners : supervisord: supervisorctl start task-runner:* | systemd: systemctl start "
      "task-runner@1 "
      "task-runner@2 | cron: * * * * * taskqueue event task-runner:OnProcess");
}

TEST_F(Doctor, AQueueWithoutRunnersAndASilentOverseerAreFound) {
  run("INSERT INTO inp_TaskQueue (TaskHandlerClass, Queue, NextRunOn) VALUES ('Noop', 'alone', "
      "UNIX_TIMESTAMP() - 500)");
  run("INSERT INTO inp_TaskQueuePauses (Kind, Name, PausedOn) VALUES ('queue', 'default', UNIX_TIMESTAMP() - "
      "900000)");
  run("DELETE FROM inp_TaskQueueMarks");
  run("INSERT INTO inp_TaskSchedules (Name, TaskHandlerClass, TaskData, CronExpression) VALUES ('x', 'Noop', "
      "'{}', "
      "'@daily')");
  const auto found = linesOf(doctor("--json"), {"warning", "problem"});
  for (const char* check : {"warning overseer", "problem waiting tasks alone", "warning pauses"})
    EXPECT_THAT(found, ::testing::Contains(HasSubstr(check)));
}

}  // namespace
}  // namespace taskqueue::contract
