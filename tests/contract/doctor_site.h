// A healthy site for the tests of `taskqueue doctor`, which make it wrong.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sysexits.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "module/json/read.h"
#include "tests/support/database_environment.h"
#include "tests/support/shell.h"

namespace taskqueue::contract {

inline constexpr const char* kDoctorDatabase = "doctor_tests";

// Findings, each as "problem indexes inp_TaskQueue.Claim: CREATE INDEX …".
using Lines = std::vector<std::string>;

class Doctor : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    test_support::sharedServer().createDatabase(kDoctorDatabase);
    test_support::migrate(kDoctorDatabase);
  }

  Doctor() {
    for (const char* name : {"runners", "wake"}) std::filesystem::create_directories(directory_ / name);
    std::filesystem::copy_file(test_support::sharedServer().optionFileFor("doctor"),
                               directory_ / "client.cnf", std::filesystem::copy_options::overwrite_existing);
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
                                   "\n[web]\ntemplates_directory=" TASKQUEUE_TEMPLATES
                                   "\n[runner]\nrun_directory=" +
                                   path("runners") + "\nwake_directory=" + path("wake") + "\n" + more);
  }

  test_support::CommandAnswer command(const std::string& arguments) const {
    return test_support::runShell(std::string(TASKQUEUE_PROGRAM) + " --config " + ini() + " " + arguments +
                                  " 2>&1");
  }
  test_support::CommandAnswer doctor(const std::string& arguments = "") const {
    return command("doctor " + arguments);
  }
  // Returns the findings of a state as "check place: fix".
  static Lines linesOf(const test_support::CommandAnswer& answer, const std::vector<std::string>& states) {
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
  // Expects these findings and no others, and the exit code.
  void expectOnly(const Lines& lines) const {
    const test_support::CommandAnswer answer = doctor("--json");
    const bool isProblem =
        std::any_of(lines.begin(), lines.end(), [](const auto& line) { return line.starts_with("problem"); });
    EXPECT_EQ(answer.exitStatus, isProblem ? 2 : 1) << answer.output;
    EXPECT_THAT(linesOf(answer, {"warning", "problem"}), ::testing::UnorderedElementsAreArray(lines))
        << answer.output;
  }
  void expectOnly(const std::string& line) const { expectOnly(Lines{line}); }
  void expectWell() const {
    const test_support::CommandAnswer answer = doctor("--json");
    EXPECT_EQ(answer.exitStatus, EX_OK) << answer.output;
    EXPECT_THAT(linesOf(answer, {"warning", "problem"}), ::testing::IsEmpty());
  }
  struct Misconfiguration {
    std::string wrong;  // the statement that makes it
    std::string finding;
    std::string mend;  // the line that the finding gives
  };
  // Makes all at once, expects their findings alone, and mends them with the lines of the findings.
  void expectMendable(const std::vector<Misconfiguration>& all) {
    Lines expected;
    for (const Misconfiguration& each : all) {
      run(each.wrong);
      expected.push_back(each.finding + ": " + each.mend);
    }
    expectOnly(expected);
    for (const Misconfiguration& each : all) run(each.mend);
    expectWell();
  }

  const std::filesystem::path directory_ =
      std::filesystem::temp_directory_path() / ("taskqueue-doctor-" + std::to_string(::getpid()));
  store::Connection root_{test_support::settingsFor(kDoctorDatabase), test_support::cmsNames()};
};

}  // namespace taskqueue::contract
