// Makes misconfigurations, and expects that `taskqueue doctor` finds each with the line that mends it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sysexits.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "module/health/space.h"
#include "module/json/read.h"
#include "tests/support/database_environment.h"
#include "tests/support/shell.h"

namespace taskqueue::contract {
namespace {

using test_support::CommandAnswer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kDoctorDatabase = "doctor_tests";
constexpr const char* kUser = "doctor";  // has the rights of sql/grants.sql alone

// A finding that is neither ok nor left out: "problem indexes inp_TaskQueue.Claim: CREATE INDEX …".
using Lines = std::vector<std::string>;

class Doctor : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    test_support::sharedServer().createDatabase(kDoctorDatabase);
    test_support::migrate(kDoctorDatabase);
  }

  Doctor() {
    for (const char* name : {"runners", "wake"}) std::filesystem::create_directories(directory_ / name);
    std::filesystem::copy_file(test_support::sharedServer().optionFileFor(kUser), directory_ / "client.cnf",
                               std::filesystem::copy_options::overwrite_existing);
    std::filesystem::permissions(directory_ / "client.cnf", std::filesystem::perms(0600));
    writeFile("secret", "main\n", 0600);
    configure("");
    test_support::emptyTables(root_);
    run("DROP USER IF EXISTS doctor@localhost");
    run("CREATE USER doctor@localhost");
    run("GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, DROP ON `doctor\\_tests`.* TO "
        "doctor@localhost");
    run("UPDATE inp_SystemSettings SET VariableValue = '1' WHERE VariableName = 'TaskRunnerLimit'");
    root_.executeText(
        "INSERT INTO inp_TaskRunners (Id, ProcessId, HostName, Status, StartedOn, LastHeartbeatOn, Version, "
        "Queues) "
        "VALUES (1, 1, 'elsewhere', 'running', UNIX_TIMESTAMP(), UNIX_TIMESTAMP(), ?, 'default')",
        {TASKQUEUE_VERSION});
    run("INSERT INTO inp_TaskQueueMarks (Name, MarkedOn) VALUES ('overseer', UNIX_TIMESTAMP())");
    writeFile("task-runner@.service",
              "[Service]\nExecStart=task-runner --config " + ini() + "\nTimeoutStopSec=35\n");
  }
  ~Doctor() override { std::filesystem::remove_all(directory_); }

  std::string ini() const { return (directory_ / "taskqueue.ini").string(); }
  std::string path(const std::string& name) const { return (directory_ / name).string(); }
  void run(const std::string& sql) { root_.queryText(sql); }
  void writeFile(const std::string& name, const std::string& content, unsigned mode = 0640) const {
    std::ofstream(directory_ / name) << content;
    setMode(name, mode);
  }
  void setMode(const std::string& name, unsigned mode) const {
    std::filesystem::permissions(directory_ / name, std::filesystem::perms(mode));
  }
  void configure(const std::string& more) const {
    writeFile("taskqueue.ini", "[database]\noption_file=" + path("client.cnf") + "\nname=" + kDoctorDatabase +
                                   "\n[health]\nfree_megabytes=1\n[webhook]\nsecret_file=" + path("secret") +
                                   "\n[runner]\nrun_directory=" + path("runners") +
                                   "\nwake_directory=" + path("wake") + "\n" + more);
  }

  CommandAnswer doctor(const std::string& arguments = "") const {
    return test_support::runShell(std::string(TASKQUEUE_PROGRAM) + " --config " + ini() + " doctor " +
                                  arguments + " 2>&1");
  }
  // Returns the findings of a state as "check place: fix".
  static Lines linesOf(const CommandAnswer& answer, const std::vector<std::string>& states) {
    auto parsed = json::read(answer.output, {});
    if (std::holds_alternative<json::Problem>(parsed)) throw std::runtime_error(answer.output);
    const auto document = std::get<json::Document>(std::move(parsed));
    Lines lines;
    for (const auto& finding : document["Findings"].GetArray()) {
      const auto text = [&](const char* member) { return std::string(json::textOf(finding[member])); };
      if (std::find(states.begin(), states.end(), text("State")) == states.end()) continue;
      lines.push_back(text("State") + " " + text("Check") + " " + text("Place") + ": " + text("Fix"));
    }
    return lines;
  }
  // Expects this finding alone, and its exit code.
  void expectOnly(const std::string& line) const {
    const CommandAnswer answer = doctor("--json");
    EXPECT_EQ(answer.exitStatus, line.starts_with("problem") ? 2 : 1) << answer.output;
    EXPECT_THAT(linesOf(answer, {"warning", "problem"}), ElementsAre(line)) << answer.output;
  }
  void expectWell() const {
    const CommandAnswer answer = doctor("--json");
    EXPECT_EQ(answer.exitStatus, EX_OK) << answer.output;
    EXPECT_THAT(linesOf(answer, {"warning", "problem"}), IsEmpty());
  }
  // Makes it wrong with one statement. The line that mends it must do so.
  void expectMendable(const std::string& wrong, const std::string& finding, const std::string& mend) {
    SCOPED_TRACE(wrong);
    run(wrong);
    expectOnly(finding + ": " + mend);
    run(mend);
    expectWell();
  }

  const std::filesystem::path directory_ =
      std::filesystem::temp_directory_path() / ("taskqueue-doctor-" + std::to_string(::getpid()));
  store::Connection root_{test_support::settingsFor(kDoctorDatabase), test_support::cmsNames()};
};

TEST_F(Doctor, AHealthySiteHasNoFindings) {
  expectWell();
  const CommandAnswer answer = doctor();
  EXPECT_EQ(answer.exitStatus, EX_OK);
  EXPECT_THAT(answer.output, HasSubstr("0 not checked, 0 warning, 0 problem\n"));
}

TEST_F(Doctor, AMissingOrOtherIndexIsFound) {
  expectMendable("DROP INDEX Claim ON inp_TaskQueue", "problem indexes inp_TaskQueue.Claim",
                 "CREATE INDEX Claim ON inp_TaskQueue (Queue, Priority, NextRunOn, Id);");
  expectMendable("DROP INDEX OpenTaskQueueId ON inp_TaskRuns", "problem indexes inp_TaskRuns.OpenTaskQueueId",
                 "CREATE UNIQUE INDEX OpenTaskQueueId ON inp_TaskRuns (OpenTaskQueueId);");
  expectMendable("DROP INDEX QueuedById ON inp_TaskQueue", "warning indexes inp_TaskQueue.QueuedById",
                 "CREATE INDEX QueuedById ON inp_TaskQueue (QueuedById);");
  expectMendable("ALTER TABLE inp_TaskQueue DROP INDEX NextRunOn, ADD INDEX NextRunOn (Id)",
                 "problem indexes inp_TaskQueue.NextRunOn",
                 "ALTER TABLE inp_TaskQueue DROP INDEX NextRunOn, ADD INDEX NextRunOn (NextRunOn);");
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
  expectMendable("ALTER TABLE inp_TaskHandlers DEFAULT CHARACTER SET latin1",
                 "warning tables inp_TaskHandlers",
                 "ALTER TABLE inp_TaskHandlers DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;");
  expectMendable("ALTER TABLE inp_TaskQueueMarks ROW_FORMAT=COMPACT", "warning tables inp_TaskQueueMarks",
                 "ALTER TABLE inp_TaskQueueMarks ROW_FORMAT=DYNAMIC;");
  expectMendable(
      "ALTER TABLE inp_TaskQueue MODIFY Title VARCHAR(255) CHARACTER SET latin1 NOT NULL DEFAULT ''",
      "problem tables inp_TaskQueue.Title",
      "ALTER TABLE inp_TaskQueue MODIFY Title varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci "
      "NOT NULL "
      "DEFAULT '';");
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
  for (const auto& [wrong, finding, mend] :
       {std::tuple{"SET GLOBAL innodb_flush_log_at_trx_commit = 2",
                   "warning durability innodb_flush_log_at_trx_commit",
                   "SET GLOBAL innodb_flush_log_at_trx_commit = 1;"},
        {"SET GLOBAL read_only = 1", "problem server read_only", "SET GLOBAL read_only = 0;"},
        {"SET GLOBAL enforce_storage_engine = MyISAM", "problem server enforce_storage_engine",
         "SET GLOBAL enforce_storage_engine = NULL;"},
        {"SET GLOBAL max_connections = 15", "warning server max_connections",
         "SET GLOBAL max_connections = 42;"},
        {"SET GLOBAL max_prepared_stmt_count = 100", "warning server max_prepared_stmt_count",
         "SET GLOBAL max_prepared_stmt_count = 16382;"},
        {"SET GLOBAL max_allowed_packet = 1048576", "warning packet size ",
         "SET GLOBAL max_allowed_packet = 16777216;"}}) {
    expectMendable(wrong, finding, mend);
  }
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
  // The rights of migrations may be revoked between two of them.
  run("REVOKE CREATE, ALTER, INDEX, DROP ON `doctor\\_tests`.* FROM doctor@localhost");
  expectWell();
}

TEST_F(Doctor, FilesThatOtherUsersCanReadOrChangeAreFound) {
  setMode("secret", 0644);
  expectOnly("problem files " + path("secret") + ": chmod o-rwx " + path("secret"));
  setMode("secret", 0600);
  setMode("client.cnf", 0604);
  expectOnly("problem files " + path("client.cnf") + ": chmod o-rwx " + path("client.cnf"));
  setMode("client.cnf", 0600);
  setMode("taskqueue.ini", 0646);
  expectOnly("problem files " + ini() + ": chmod o-rwx " + ini());
  setMode("taskqueue.ini", 0640);
  setMode("wake", 0777);
  expectOnly("problem directories " + path("wake") + ": chmod o-w " + path("wake"));
  setMode("wake", 0750);
  std::filesystem::remove(path("runners"));
  expectOnly("problem directories " + path("runners") +
             ": correct runner.run_directory in the configuration, or make it");
}

TEST_F(Doctor, AKeeperThatDoesNotWaitForRunsIsFound) {
  configure("drain_seconds=100\n");
  expectOnly("warning stop times " + path("task-runner@.service") +
             ": set TimeoutStopSec=115 there, then: systemctl daemon-reload");
  std::filesystem::create_directories(directory_ / "task-runner@.service.d");
  writeFile("task-runner@.service.d/more.conf", "[Service]\nTimeoutStopSec=2min\n");
  expectWell();
  std::filesystem::remove(path("task-runner@.service"));
  EXPECT_THAT(linesOf(doctor("--json"), {"not_checked"}),
              ElementsAre("not_checked stop times " + ini() + ": "));
  writeFile("taskqueue.conf", "[program:task-runner]\ncommand=task-runner --config " + ini() + "\n");
  expectOnly("warning stop times " + path("taskqueue.conf") +
             ": set stopwaitsecs=115 there, then: supervisorctl update");
}

TEST_F(Doctor, RunnersOfAnotherVersionOrWithoutASocketAreFound) {
  run("UPDATE inp_TaskRunners SET Version = '0.0.9'");
  expectOnly("warning runner versions runner 1 on elsewhere: taskqueue restart");
  root_.executeText("UPDATE inp_TaskRunners SET Version = ?, HostName = ?",
                    {TASKQUEUE_VERSION, health::thisHostName()});
  expectOnly("warning sockets " + path("wake") + ": taskqueue restart");
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

TEST_F(Doctor, WithoutADatabaseItStillChecksFiles) {
  writeFile("client.cnf", "[client]\nsocket=/nowhere\n", 0600);
  setMode("secret", 0644);
  const CommandAnswer answer = doctor("--json");
  EXPECT_EQ(answer.exitStatus, EX_UNAVAILABLE) << answer.output;
  EXPECT_THAT(linesOf(answer, {"problem"}),
              ElementsAre("problem database : systemctl status mariadb",
                          "problem files " + path("secret") + ": chmod o-rwx " + path("secret")));
  EXPECT_EQ(test_support::runShell(std::string(TASKQUEUE_PROGRAM) + " doctor --no-such 2>&1").exitStatus,
            EX_USAGE);
  EXPECT_EQ(
      test_support::runShell(std::string(TASKQUEUE_PROGRAM) + " --config /nowhere doctor 2>&1").exitStatus,
      EX_CONFIG);
}

}  // namespace
}  // namespace taskqueue::contract
